"""Queries against a SQL ledger: each in its own read-only transaction, streamed some rows at a time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from itertools import batched
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import TextClause, bindparam, text

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS
from drawbridge.ledgers.sql import engine, statements
from drawbridge.ledgers.sql.failures import ledger_errors
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.ledgers.table import Raw, Table
from drawbridge.runtime import outside_call

KEYS_PER_QUERY = 500
"""SQL Server takes 2,100 values in a statement."""

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

    async def changes(self, since: datetime | None) -> list[Raw]:
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

    async def reversed_families(self) -> list[Raw]:
        """All rows of the payments that a negative row, perhaps under another payment id, may take back."""
        return await self._all(statements.reversed_families(self._preset), {}, PAYMENT_COLUMNS)

    async def families(self, column: str, ids: list[str]) -> list[Raw]:
        """All rows of the payments with one of these ids in ``column``, and of those that may reverse them.

        Those have rows on the same bills under the same ``reversal_key``.
        """
        if column == "payment_id":
            return await self._complete(ids)
        touching = await self._all(statements.payments_of_bills(self._preset), {"ids": ids})
        found = [row["payment_id"] for row in touching]
        nameless: list[Raw] = []
        if None in found:
            nameless = await self._all(statements.nameless(self._preset), {"ids": ids}, PAYMENT_COLUMNS)
        return await self._complete([each for each in found if each is not None]) + nameless

    async def _complete(self, ids: list[str]) -> list[Raw]:
        rows = await self._payments(ids)
        pairs = {(row["bill_id"], row["reversal_key"]) for row in rows}
        keyed = [(bill, key) for bill, key in pairs if bill is not None and key is not None]
        partners: dict[str, None] = {}
        for part in batched(keyed, KEYS_PER_QUERY):
            bills, keys = (list(dict.fromkeys(each)) for each in zip(*part, strict=True))
            named = {"ids": bills, "keys": keys}
            found = await self._all(statements.partners(self._preset), named)
            partners |= dict.fromkeys(row["payment_id"] for row in found if row["payment_id"] is not None)
        known = set(ids)
        return rows + await self._payments([each for each in partners if each not in known])

    async def _payments(self, ids: list[str]) -> list[Raw]:
        found: list[Raw] = []
        for part in batched(ids, KEYS_PER_QUERY):
            found += await self._all(statements.payments(self._preset), {"ids": list(part)}, PAYMENT_COLUMNS)
        return found

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

    async def bills(self, column: str, values: list[str]) -> list[Raw]:
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
    ) -> list[Raw]:
        with outside_call("ledger", self._preset.title) as call:
            async with aclosing(self._stream(sql, values, columns)) as parts:
                found = [row async for part in parts for row in part]
            call.answered()
        return found

    async def _stream(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str]
    ) -> AsyncGenerator[Table]:
        with ledger_errors(self._preset.title):
            async with AsyncExitStack() as stack:
                # Not every driver has a time limit of its own for a server that takes calls and keeps silent.
                async with asyncio.timeout(engine.CONNECT_SECONDS):
                    connection = await stack.enter_async_context(self._engine.connect())
                async with asyncio.timeout(engine.QUERY_SECONDS):
                    result = await connection.stream(_bound(sql, values), dict(values))
                missing = sorted(columns - set(result.keys()))
                if missing:
                    raise Refused(
                        "ledger_preset",
                        f"The preset of {self._preset.title} does not return {', '.join(missing)}.",
                        "Name every column of the result shape; give NULL where the ledger has nothing.",
                    )
                names = tuple(result.keys())
                async for rows in result.partitions(_FETCHED):
                    yield Table(dict(zip(names, zip(*rows, strict=True), strict=True)))


def _bound(sql: str, values: Mapping[str, object]) -> TextClause:
    lists = (name for name, value in values.items() if isinstance(value, list))
    return text(sql).bindparams(*[bindparam(name, expanding=True) for name in lists])
