"""Payments of the ledger and their allocations, as the ledger tells them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.payment_backfiller.store.fact_tables import PaymentRow
from drawbridge.payment_backfiller.store.upserting import upsert
from drawbridge.payment_backfiller.store.write_tables import AllocationRow

_PAYMENT_FACTS = tuple(name for name in PaymentRow.model_fields if name not in ("vault_id", "id", "read_at"))
_ALLOCATION_FACTS = ("cash", "discount", "credit", "currency", "gone")


async def upsert_payments(session: AsyncSession, rows: Sequence[PaymentRow]) -> None:
    """Store the payments' facts."""
    await upsert(session, rows, columns=_PAYMENT_FACTS, newer_by="read_at", returning="id")


async def upsert_allocations(session: AsyncSession, rows: Sequence[AllocationRow]) -> None:
    """Store the ledger's side of allocations; how far the write-back is stays as it is."""
    await upsert(session, rows, columns=_ALLOCATION_FACTS, newer_by="read_at", returning="id")


async def mark_gone(  # what is complete, what is there, and as of when
    session: AsyncSession,
    vault_id: str,
    *,
    payment_ids: Collection[str],
    bill_ids: Collection[str],
    present: Collection[UUID],
    read_at: datetime,
) -> list[str]:
    """Mark known allocations of these payments and bills that the ledger no longer has; gives their bills."""
    statement = update(AllocationRow).where(
        col(AllocationRow.vault_id) == vault_id,
        or_(col(AllocationRow.payment_id).in_(payment_ids), col(AllocationRow.bill_id).in_(bill_ids)),
        col(AllocationRow.id).not_in(present),
        ~col(AllocationRow.gone),
        col(AllocationRow.read_at) < read_at,
    )
    statement = statement.values(gone=True, read_at=read_at)
    result = await session.execute(statement.returning(col(AllocationRow.bill_id)))
    return sorted(set(result.scalars()))
