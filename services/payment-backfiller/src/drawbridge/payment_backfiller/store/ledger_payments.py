"""Payments of the ledger and their allocations, as the ledger tells them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.payment_backfiller.store.tables import SCHEMA, metadata
from drawbridge.payment_backfiller.store.upserting import Rows, Written, json_list, known_ids, upsert_changed

_NEW_ALLOCATION: dict[str, Any] = {
    "write_state": "not_needed",
    "proven": True,
    "linked": True,
    "overridden": [],
    "note": "",
    "version": 0,
}
_payments = metadata.tables[f"{SCHEMA}.ledger_payments"]
_allocations = metadata.tables[f"{SCHEMA}.allocations"]


@dataclass(frozen=True, slots=True)
class Told:
    """Of which vault something is told, by which ledger, and when that was asked."""

    vault_id: str
    ledger: str
    read_at: datetime

    @property
    def fixed(self) -> dict[str, Any]:
        """What is the same in all rows of it."""
        return {"vault_id": self.vault_id, "read_at": self.read_at}


async def upsert_payments(session: AsyncSession, told: Told, rows: Rows) -> Written:
    """Store payments; tells the ids of what was written."""
    known = await known_ids(session, _payments, told.vault_id, rows.ids)
    return await upsert_changed(session, _payments, rows, known, told.fixed, {})


async def upsert_allocations(
    session: AsyncSession, told: Told, rows: Rows, new_payments: Collection[str]
) -> Written:
    """Store allocations; tells the ids of those written. How far the write-back is stays as it is.

    A new payment has none that are known: they are stored with their payment, and never without it.
    """
    told_of = zip(rows.ids, rows.columns["payment_id"], strict=True)
    maybe = [each for each, payment_id in told_of if payment_id not in new_payments]
    known = await known_ids(session, _allocations, told.vault_id, maybe)
    beginning = {"ledger": told.ledger, **_NEW_ALLOCATION}
    return await upsert_changed(session, _allocations, rows, known, told.fixed, beginning)


_MARK_GONE = text("""
UPDATE allocations SET gone = true, read_at = :read_at
WHERE vault_id = :vault_id AND (payment_id = ANY(:payment_ids) OR bill_id = ANY(:bill_ids))
  AND id NOT IN (SELECT CAST(told AS uuid) FROM jsonb_array_elements_text(CAST(:present AS jsonb)) AS told)
  AND NOT gone AND read_at < :read_at
RETURNING bill_id
""")
"""What is told is a subquery, which is hashed: an array would be searched to its end for each allocation."""


async def mark_gone(
    session: AsyncSession,
    told: Told,
    *,
    payment_ids: Collection[str],
    bill_ids: Collection[str],
    present: Collection[str],
) -> set[str]:
    """Mark known allocations of these payments and bills that the ledger no longer has; gives their bills."""
    if not payment_ids and not bill_ids:
        return set()
    values = {"payment_ids": list(payment_ids), "bill_ids": list(bill_ids), "present": json_list(present)}
    told_when = {"vault_id": told.vault_id, "read_at": told.read_at}
    return set((await session.execute(_MARK_GONE, {**values, **told_when})).scalars())
