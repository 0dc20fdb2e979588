"""The ledger's books: its database and its clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import asyncpg

from drawbridge.sandbox.ledger.tables import create_tables, plain_url

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    type Connection = PoolConnectionProxy[asyncpg.Record]

DEFAULT_ZONE = "America/Denver"


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Books:
    """An open ledger. ``zone`` is where the ledger's machine stands: its stamps are local time."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    zone: ZoneInfo
    now: Callable[[], datetime] = utc_now

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, zone: str = DEFAULT_ZONE) -> AsyncIterator[Self]:
        """Create missing tables and open the ledger at a ``postgresql://`` URL."""
        await create_tables(url)
        async with asyncpg.create_pool(plain_url(url), min_size=1, max_size=4) as pool:
            yield cls(pool, ZoneInfo(zone))

    def stamp(self) -> datetime:
        """Now, as the ledger writes it: local time without a zone."""
        return self.now().astimezone(self.zone).replace(tzinfo=None)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Connection"]:
        """One transaction: committed on a clean exit, rolled back otherwise."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection
