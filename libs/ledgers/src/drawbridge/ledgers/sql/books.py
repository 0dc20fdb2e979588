"""Queries against a SQL ledger: each in its own read-only transaction, streamed row by row."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import TextClause, bindparam, text

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.reading import Raw
from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS
from drawbridge.ledgers.sql import engine, statements
from drawbridge.ledgers.sql.failures import ledger_errors
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.runtime import outside_call


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
        values: dict[str, object] = {}
        condition = "1 = 1"
        if since is not None:
            local = since.astimezone(self._zone).replace(tzinfo=None)
            values["since"] = local.isoformat(sep=" ", timespec="seconds") if self._sqlite else local
            # SQLite compares stamps as texts; datetime() gives them one form, or nothing.
            stamp = "datetime(changed_at)" if self._sqlite else "changed_at"
            condition = f"{stamp} >= :since OR {stamp} IS NULL"
        return await self._all(statements.changes(self._preset, condition), values)

    async def families(self, column: str, ids: list[str]) -> list[Raw]:
        """All rows of the payments with one of these ids in ``column``, and what may reverse them."""
        return await self._all(statements.families(self._preset, column), {"ids": ids}, PAYMENT_COLUMNS)

    async def bills(self, column: str, values: list[str]) -> list[Raw]:
        """The bills with one of these values in ``column``."""
        return await self._all(statements.bills(self._preset, column), {"ids": values}, BILL_COLUMNS)

    def every_payment_row(self) -> AsyncGenerator[Raw]:
        """Stream all of ``payment_rows``."""
        return self._stream(statements.every_payment_row(self._preset), {}, PAYMENT_COLUMNS)

    def every_bill(self) -> AsyncGenerator[Raw]:
        """Stream all of ``bills``."""
        return self._stream(statements.every_bill(self._preset), {}, BILL_COLUMNS)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _all(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str] = frozenset()
    ) -> list[Raw]:
        with outside_call("ledger", self._preset.title) as call:
            async with aclosing(self._stream(sql, values, columns)) as rows:
                found = [row async for row in rows]
            call.answered()
        return found

    async def _stream(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str]
    ) -> AsyncGenerator[Raw]:
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
                async for row in result.mappings():
                    yield dict(row)


def _bound(sql: str, values: Mapping[str, object]) -> TextClause:
    lists = (name for name, value in values.items() if isinstance(value, list))
    return text(sql).bindparams(*[bindparam(name, expanding=True) for name in lists])
