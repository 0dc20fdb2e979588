"""A ledger in a SQL database, read through a preset in read-only transactions."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from drawbridge.ledgers.facts import Bill, BillKey, PaymentBatch, PaymentFacts
from drawbridge.ledgers.sql.failures import ledger_errors
from drawbridge.ledgers.sql.grouping import payments_from
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.ledgers.sql.rows import bill, payment_row

_BATCH = 200
_KEYS_PER_QUERY = 500
_CONNECT = {"timeout": 10, "command_timeout": 120}


class SqlLedger:
    """`LedgerSource` over SQL. ``url`` is an async SQLAlchemy URL; ``zone`` is the ledger machine's."""

    def __init__(self, url: SecretStr, preset: Preset, zone: ZoneInfo, currency: str) -> None:
        # No pool: jobs come once in a while, and an accounting system should not see idle connections.
        self._engine = create_async_engine(
            url.get_secret_value(), poolclass=NullPool, connect_args=_CONNECT, hide_parameters=True
        ).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._preset = preset
        self._zone = zone
        self._currency = currency

    @property
    def name(self) -> str:
        """The preset's title."""
        return self._preset.title

    @property
    def invoice_number_length(self) -> int | None:
        """After how many characters invoice numbers are cut."""
        return self._preset.invoice_number_length

    async def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """Read all that changed in one snapshot, close the transaction, then yield batches."""
        if cursor is None:
            facts = await self._payments("1 = 1", {})
        else:
            since = (cursor - overlap).astimezone(self._zone).replace(tzinfo=None)
            facts = await self._payments("changed_at >= :since OR changed_at IS NULL", {"since": since})
        seen = cursor
        for batch in batched(facts, _BATCH):
            stamps = [entry.payment.changed_at for entry in batch if entry.payment.changed_at is not None]
            seen = max([*stamps, *([seen] if seen else [])], default=None)
            yield PaymentBatch(batch, seen)

    async def allocations_for(self, bill_ids: Sequence[str]) -> list[PaymentFacts]:
        """Return every payment that touches these bills, complete."""
        facts: dict[str, PaymentFacts] = {}
        for chunk in _chunks(bill_ids):
            for entry in await self._payments("bill_id IN :bill_ids", {"bill_ids": chunk}):
                facts[entry.payment.id] = entry
        return list(facts.values())

    async def bills(self, keys: Sequence[BillKey]) -> list[Bill]:
        """Return the bills that fit at least one key."""
        wanted = {(key.vendor_code, self._cut(key.invoice_number)) for key in keys if key.invoice_number}
        found: dict[str, Bill] = {}
        for chunk in _chunks([key.bill_id for key in keys if key.bill_id]):
            found |= {entry.id: entry for entry in await self._bills("id IN :ids", {"ids": chunk})}
        for chunk in _chunks([number for vendor, number in wanted if vendor]):
            candidates = await self._bills("invoice_number IN :numbers", {"numbers": chunk})
            found |= {
                entry.id: entry for entry in candidates if (entry.vendor_code, entry.invoice_number) in wanted
            }
        return list(found.values())

    async def bills_of_vendors(self, vendor_codes: Sequence[str]) -> list[Bill]:
        """Return all bills of these vendors."""
        found: list[Bill] = []
        for chunk in _chunks(vendor_codes):
            found += await self._bills("vendor_code IN :codes", {"codes": chunk})
        return found

    async def check(self) -> None:
        """Read what one reading would read, but no rows."""
        await self._payments("1 = 0", {})
        await self._bills("1 = 0", {})

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _payments(self, condition: str, values: Mapping[str, object]) -> list[PaymentFacts]:
        """Read the chosen rows together with all that belongs to their payments, reversals included."""
        sql = f"""
            WITH payment_rows AS ({self._preset.payment_rows}),
            chosen AS (SELECT payment_id, reversal_key FROM payment_rows WHERE {condition})
            SELECT * FROM payment_rows
            WHERE payment_id IN (SELECT payment_id FROM chosen)
               OR reversal_key IN (SELECT reversal_key FROM chosen WHERE reversal_key IS NOT NULL)
        """  # noqa: S608  the preset is deployment configuration, the conditions are above
        rows = await self._read(sql, values)
        return payments_from((payment_row(row, self._zone) for row in rows), self._currency)

    async def _bills(self, condition: str, values: Mapping[str, object]) -> list[Bill]:
        sql = f"""
            WITH bills AS ({self._preset.bills})
            SELECT * FROM bills WHERE {condition} ORDER BY id
        """  # noqa: S608  as above
        return [bill(row, self._currency) for row in await self._read(sql, values)]

    async def _read(self, sql: str, values: Mapping[str, object]) -> list[Mapping[str, Any]]:
        with ledger_errors(self.name):
            async with self._engine.connect() as connection:
                result = await connection.execute(_bound(sql, values), dict(values))
                return [dict(row) for row in result.mappings()]

    def _cut(self, number: str | None) -> str:
        return (number or "").strip()[: self._preset.invoice_number_length].strip()


def _bound(sql: str, values: Mapping[str, object]) -> TextClause:
    lists = (name for name, value in values.items() if isinstance(value, list))
    return text(sql).bindparams(*[bindparam(name, expanding=True) for name in lists])


def _chunks(values: Sequence[str]) -> Iterator[list[str]]:
    return (list(chunk) for chunk in batched(dict.fromkeys(values), _KEYS_PER_QUERY))
