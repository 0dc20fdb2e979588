"""What the ledger has paid, as payment-backfiller last told: by allocation and by AP invoice."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import AllocationRow, InvoicePaymentsRow, table

_allocations = table(AllocationRow).c


async def store_allocations(session: AsyncSession, told: Sequence[Told[AllocationState]]) -> None:
    """Take over the newest state of each allocation."""
    await store_told(session, table(AllocationRow), told, _allocation_values)


async def store_invoice_payments(session: AsyncSession, told: Sequence[Told[InvoicePaymentsState]]) -> None:
    """Take over the newest payment state of each AP invoice."""
    await store_told(session, table(InvoicePaymentsRow), told, _invoice_payment_values)


async def list_allocations(  # one for each filter of the list
    session: AsyncSession,
    vault_id: str,
    *,
    requisition_id: int | None,
    unmatched: bool | None,
    before: tuple[date, UUID] | None,
    limit: int,
) -> list[AllocationState]:
    """Allocations, the latest payment first, from after the one that ``before`` names."""
    statement = select(_allocations.data).where(_allocations.vault_id == vault_id)
    if requisition_id is not None:
        statement = statement.where(_allocations.requisition_id == requisition_id)
    if unmatched is not None:
        statement = statement.where(_allocations.unmatched.is_(unmatched))
    if before is not None:
        statement = statement.where(tuple_(_allocations.paid_on, _allocations.id) < tuple_(*before))
    statement = statement.order_by(_allocations.paid_on.desc(), _allocations.id.desc()).limit(limit)
    return [stored(AllocationState, data) for data in (await session.execute(statement)).scalars()]


async def get_allocation(session: AsyncSession, vault_id: str, allocation_id: UUID) -> AllocationState:
    """One allocation.

    Raises:
        NotFound: when nothing was told of it.
    """
    row = await session.get(AllocationRow, (vault_id, allocation_id))
    if row is None:
        raise NotFound("payment_not_found", f"This vault lists no payment {allocation_id}.")
    return stored(AllocationState, row.data)


async def find_invoice_payments(
    session: AsyncSession, vault_id: str, invoice_id: UUID
) -> InvoicePaymentsState | None:
    """What the ledger has paid of one AP invoice, if anything was told."""
    row = await session.get(InvoicePaymentsRow, (vault_id, invoice_id))
    return stored(InvoicePaymentsState, row.data) if row else None


async def invoice_payments_of(
    session: AsyncSession, vault_id: str, invoice_ids: Sequence[UUID]
) -> dict[UUID, InvoicePaymentsState]:
    """What the ledger has paid of these AP invoices, as far as anything was told."""
    known = table(InvoicePaymentsRow).c
    statement = select(known.invoice_id, known.data).where(
        known.vault_id == vault_id, known.invoice_id == func.any(list(invoice_ids))
    )
    return {row[0]: stored(InvoicePaymentsState, row[1]) for row in await session.execute(statement)}


def _allocation_values(state: AllocationState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "id": str(state.id),
        "project_id": state.match.project_id if state.match else None,
        "commitment_id": state.match.commitment_id if state.match else None,
        "requisition_id": state.match.requisition_id if state.match else None,
        "unmatched": state.unmatched is not None,
        "paid_on": state.payment.date.isoformat(),
        "voided": state.payment.voided,
        "discount": str(state.discount),
        "credit": str(state.credit),
        "cash": str(Decimal(0) if state.payment.voided else state.cash),
        "issued": str(state.write_back.amount or Decimal(0)),
        "write_state": state.write_back.state,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }


def _invoice_payment_values(state: InvoicePaymentsState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "invoice_id": str(state.invoice_id),
        "payment_state": state.payment_state,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
