"""AP invoices as import-service last told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoices import Invoice, InvoiceState
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import InvoiceRow, table


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An AP invoice with its subject version and the Procore invoice that it came from, if any."""

    invoice: Invoice
    version: int
    requisition_id: int | None


async def store_invoices(session: AsyncSession, told: Sequence[Told[InvoiceState]]) -> None:
    """Take over the newest state of each AP invoice."""
    await store_told(session, table(InvoiceRow), told, _invoice_values)


async def find_invoice(session: AsyncSession, vault_id: str, invoice_id: UUID) -> StoredInvoice | None:
    """One AP invoice, if there is one of that id in the vault."""
    row = await session.get(InvoiceRow, (vault_id, invoice_id))
    return _read(row) if row else None


async def get_invoice(session: AsyncSession, vault_id: str, invoice_id: UUID) -> StoredInvoice:
    """One AP invoice.

    Raises:
        NotFound: when the vault has none of that id.
    """
    invoice = await find_invoice(session, vault_id, invoice_id)
    if invoice is None:
        raise NotFound("invoice_not_found", f"This vault has no AP invoice {invoice_id}.")
    return invoice


async def list_invoices(
    session: AsyncSession,
    vault_id: str,
    *,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredInvoice]:
    """AP invoices, the newest first, from after the one that ``before`` names."""
    columns = table(InvoiceRow).c
    statement = select(InvoiceRow).where(columns.vault_id == vault_id)
    if status is not None:
        statement = statement.where(columns.status == status)
    if before is not None:
        statement = statement.where(tuple_(columns.created_at, columns.id) < tuple_(*before))
    statement = statement.order_by(columns.created_at.desc(), columns.id.desc()).limit(limit)
    return [_read(row) for row in (await session.execute(statement)).scalars()]


def _read(row: InvoiceRow) -> StoredInvoice:
    return StoredInvoice(stored(Invoice, row.data), row.version, row.requisition_id)


def _invoice_values(state: InvoiceState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "id": str(state.invoice.id),
        "status": state.invoice.status,
        "requisition_id": state.row.requisition_id if state.row else None,
        "created_at": state.invoice.created_at.isoformat(),
        "data": state.invoice.model_dump(mode="json"),
    }
