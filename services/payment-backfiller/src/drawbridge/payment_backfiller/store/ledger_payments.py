"""Payments of the ledger and their allocations, as the ledger tells them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.payment_backfiller.store.tables import SCHEMA, metadata
from drawbridge.payment_backfiller.store.upserting import any_of, upsert_changed
from drawbridge.payment_backfiller.store.write_tables import AllocationRow

PAYMENT_FACTS = ("number", "date", "method", "bank_account", "payee", "joint_payee", "posted", "voided")
ALLOCATION_FACTS = ("payment_id", "bill_id", "cash", "discount", "credit", "currency", "gone")
_NEW_ALLOCATION: dict[str, Any] = {
    "write_state": "not_needed",
    "proven": True,
    "linked": True,
    "overridden": [],
    "note": "",
    "version": 0,
}


@dataclass(frozen=True, slots=True)
class Told:
    """Of which vault something is told, by which ledger, and when that was asked."""

    vault_id: str
    ledger: str
    read_at: datetime


async def upsert_payments(session: AsyncSession, told: Told, rows: Sequence[Sequence[Any]]) -> list[str]:
    """Store payments (the id, then `PAYMENT_FACTS`); gives the ids of what is new or different."""
    table = metadata.tables[f"{SCHEMA}.ledger_payments"]
    fixed = {"vault_id": told.vault_id, "read_at": told.read_at}
    return await upsert_changed(session, table, PAYMENT_FACTS, rows, fixed)


async def upsert_allocations(session: AsyncSession, told: Told, rows: Sequence[Sequence[Any]]) -> list[UUID]:
    """Store allocations (the id, then `ALLOCATION_FACTS`); how far the write-back is stays as it is."""
    table = metadata.tables[f"{SCHEMA}.allocations"]
    fixed = {"vault_id": told.vault_id, "ledger": told.ledger, "read_at": told.read_at, **_NEW_ALLOCATION}
    return await upsert_changed(session, table, ALLOCATION_FACTS, rows, fixed)


async def mark_gone(
    session: AsyncSession,
    told: Told,
    *,
    payment_ids: Collection[str],
    bill_ids: Collection[str],
    present: Collection[UUID],
) -> set[str]:
    """Mark known allocations of these payments and bills that the ledger no longer has; gives their bills."""
    statement = update(AllocationRow).where(
        col(AllocationRow.vault_id) == told.vault_id,
        or_(any_of(AllocationRow.payment_id, payment_ids), any_of(AllocationRow.bill_id, bill_ids)),
        ~any_of(AllocationRow.id, present),
        ~col(AllocationRow.gone),
        col(AllocationRow.read_at) < told.read_at,
    )
    statement = statement.values(gone=True, read_at=told.read_at)
    result = await session.execute(statement.returning(col(AllocationRow.bill_id)))
    return set(result.scalars())
