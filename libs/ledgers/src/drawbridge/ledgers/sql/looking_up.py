"""Look-ups in a SQL ledger: short questions that are asked together, in one read-only transaction."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.rows import PAYMENT_COLUMNS
from drawbridge.ledgers.sql import statements
from drawbridge.ledgers.sql.engine import QUERY_SECONDS
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.ledgers.table import Table, column_of, joined

KEYS_PER_QUERY = 1_000
"""SQL Server takes 2,100 values in a statement, and bills are asked for together with reversal keys."""


class LookUp:
    """Asks a preset's queries over one connection; answers are held in memory whole."""

    def __init__(self, connection: AsyncConnection, preset: Preset) -> None:
        self._connection = connection
        self._preset = preset

    async def rows(
        self, sql: str, values: Mapping[str, object], columns: frozenset[str] = frozenset()
    ) -> Table:
        """All rows of one query; ``columns`` is what they must have."""
        async with asyncio.timeout(QUERY_SECONDS):
            result = await self._connection.execute(bound(sql, values), dict(values))
        return table_of(checked(result.keys(), columns, self._preset), result.fetchall())

    async def families(self, column: str, ids: Sequence[str]) -> Table:
        """All rows of the payments with one of these ids in ``column``, and of those that may reverse them.

        Those have rows on the same bills under the same ``reversal_key``.
        """
        if column == "payment_id":
            return await self._complete(ids)
        touching = await self.rows(statements.payments_of_bills(self._preset), {"ids": list(ids)})
        found = column_of(touching, "payment_id")
        payments = [each for each in found if each is not None]
        parts = [await self._complete(payments)]
        if len(payments) < len(found):
            sql = statements.nameless(self._preset)
            parts.append(await self.rows(sql, {"ids": list(ids)}, PAYMENT_COLUMNS))
        return joined(parts)

    async def _complete(self, ids: Sequence[str]) -> Table:
        rows = await self._payments(ids)
        pairs = dict.fromkeys(zip(column_of(rows, "bill_id"), column_of(rows, "reversal_key"), strict=True))
        keyed = [(bill, key) for bill, key in pairs if bill is not None and key is not None]
        partners: dict[str, None] = {}
        for part in batched(keyed, KEYS_PER_QUERY):
            bills, keys = (list(dict.fromkeys(each)) for each in zip(*part, strict=True))
            found = await self.rows(statements.partners(self._preset), {"ids": bills, "keys": keys})
            partners |= dict.fromkeys(column_of(found, "payment_id"))
        known = {*ids, None}
        return joined([rows, await self._payments([each for each in partners if each not in known])])

    async def _payments(self, ids: Sequence[str]) -> Table:
        sql = statements.payments(self._preset)
        parts = batched(ids, KEYS_PER_QUERY)
        return joined([await self.rows(sql, {"ids": list(part)}, PAYMENT_COLUMNS) for part in parts])


def bound(sql: str, values: Mapping[str, object]) -> TextClause:
    """The statement, with lists for its IN."""
    lists = (name for name, value in values.items() if isinstance(value, list))
    return text(sql).bindparams(*[bindparam(name, expanding=True) for name in lists])


def checked(names: Iterable[str], columns: frozenset[str], preset: Preset) -> tuple[str, ...]:
    """The names of an answer's columns.

    Raises:
        Refused: ``ledger_preset`` where one of ``columns`` is not among them.
    """
    found = tuple(names)
    if missing := sorted(columns.difference(found)):
        raise Refused(
            "ledger_preset",
            f"The preset of {preset.title} does not return {', '.join(missing)}.",
            "Name every column of the result shape; give NULL where the ledger has nothing.",
        )
    return found


def table_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Rows as columns."""
    return Table(dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {})
