"""A SQL ledger's two named queries: streamed some rows at a time, or looked up; always read-only."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS
from drawbridge.ledgers.sql import engine, statements
from drawbridge.ledgers.sql.failures import ledger_errors
from drawbridge.ledgers.sql.looking_up import LookUp, bound, checked, table_of
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.ledgers.table import Raw, Table
from drawbridge.runtime import outside_call

_FETCHED = 500
"""Rows that are fetched at once."""

MANY = 10_000
"""More changed rows than these are read in one pass over the ledger."""


class SqlBooks:
    """The two named queries of a preset, with conditions on their columns."""

    def __init__(self, url: SecretStr, preset: Preset, zone: ZoneInfo) -> None:
        self._engine = engine.read_only_engine(url, zone)
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._preset = preset
        self._zone = zone

    async def changes(self, since: datetime | None) -> Sequence[Raw]:
        """The id, the latest stamp and one bill of every payment that changed since then (UTC).

        Rows without a stamp, or with one that is none, count as changed: they must not be passed over.
        """
        condition, values = self._since("changed_at", since)
        return await self._all(statements.changes(self._preset, condition), values)

    async def are_many(self, since: datetime | None) -> bool:
        """Whether so much changed since then (UTC) that one pass over all rows is the quicker way."""
        condition, values = self._since("changed_at", since)
        (found,) = await self._all(statements.count_changes(self._preset, condition), values)
        return int(found["many"]) > MANY

    def in_order(self, since: datetime | None) -> AsyncGenerator[Table]:
        """Stream all rows of the payments that changed since then (UTC), payment by payment, oldest first."""
        condition, values = self._since("latest", since)
        if since is not None:
            condition = f"{condition} OR unstamped = 1"
        sql = statements.in_order(self._preset, self._stamp, condition)
        return self._stream(sql, values, PAYMENT_COLUMNS)

    async def reversed_families(self) -> Sequence[Raw]:
        """All rows of the payments that a negative row, perhaps under another payment id, may take back."""
        return await self._all(statements.reversed_families(self._preset), {}, PAYMENT_COLUMNS)

    async def families(self, column: str, ids: Sequence[str]) -> Sequence[Raw]:
        """All rows of the payments with one of these ids in ``column``, and what may reverse them."""
        async with self._look_up() as look_up:
            return await look_up.families(column, ids)

    def _since(self, column: str, since: datetime | None) -> tuple[str, dict[str, object]]:
        """The condition that a stamp is not older, or none; SQLite compares stamps as texts."""
        if since is None:
            return "1 = 1", {}
        stamp = self._stamp if column == "changed_at" else column
        local = since.astimezone(self._zone).replace(tzinfo=None)
        value = local.isoformat(sep=" ", timespec="seconds") if self._sqlite else local
        return f"{stamp} >= :since OR {stamp} IS NULL", {"since": value}

    @property
    def _stamp(self) -> str:
        """SQLite's datetime() gives stamps one form, or nothing."""
        return "datetime(changed_at)" if self._sqlite else "changed_at"

    async def bills(self, column: str, values: list[str]) -> Sequence[Raw]:
        """The bills with one of these values in ``column``."""
        return await self._all(statements.bills(self._preset, column), {"ids": values}, BILL_COLUMNS)

    def every_payment_row(self) -> AsyncGenerator[Table]:
        """Stream all of ``payment_rows``."""
        return self._stream(statements.every_payment_row(self._preset), {}, PAYMENT_COLUMNS)

    def every_bill(self) -> AsyncGenerator[Table]:
        """Stream all of ``bills``."""
        return self._stream(statements.every_bill(self._preset), {}, BILL_COLUMNS)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _all(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str] = frozenset()
    ) -> Table:
        async with self._look_up() as look_up:
            return await look_up.rows(sql, values, columns)

    @asynccontextmanager
    async def _look_up(self) -> AsyncIterator[LookUp]:
        """Together with its connecting one outside call, however many questions it is."""
        with outside_call("ledger", self._preset.title) as call:
            async with self._connected() as connection:
                yield LookUp(connection, self._preset)
            call.answered()

    async def _stream(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str]
    ) -> AsyncGenerator[Table]:
        async with self._connected() as connection:
            async with asyncio.timeout(engine.QUERY_SECONDS):
                result = await connection.stream(bound(sql, values), dict(values))
            names = checked(result.keys(), columns, self._preset)
            async for rows in result.partitions(_FETCHED):
                yield table_of(names, rows)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        with ledger_errors(self._preset.title):
            async with AsyncExitStack() as stack:
                # Not every driver has a time limit of its own for a server that takes calls and keeps silent.
                async with asyncio.timeout(engine.CONNECT_SECONDS):
                    connection = await stack.enter_async_context(self._engine.connect())
                yield connection
