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
    return _read(row) if row and not row.removed else None


async def get_invoice(session: AsyncSession, vault_id: str, invoice_id: UUID) -> StoredInvoice:
    """One AP invoice.

    Raises:
        NotFound: when the vault has none of that id (any more).
    """
    row = await session.get(InvoiceRow, (vault_id, invoice_id))
    if row is None:
        raise NotFound("invoice_not_found", f"This vault has no AP invoice {invoice_id}.")
    found = _read(row)
    removed = found.invoice.removed
    if removed is not None:
        words = f"This AP invoice was {removed.how} by {removed.by}. {removed.reason}".strip()
        raise NotFound(f"invoice_{removed.how}", words, "Its history is still there.")
    return found


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
    statement = select(InvoiceRow).where(columns.vault_id == vault_id, ~columns.removed)
    if status is not None:
        statement = statement.where(columns.status == status)
    if before is not None:
        statement = statement.where(tuple_(columns.created_at, columns.id) < tuple_(*before))
    statement = statement.order_by(columns.created_at.desc(), columns.id.desc()).limit(limit)
    return [_read(row) for row in (await session.execute(statement)).scalars()]


async def list_processed(
    session: AsyncSession,
    vault_id: str,
    *,
    since: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredInvoice]:
    """Processed AP invoices in the order in which they were handed over, from after ``after``."""
    columns = table(InvoiceRow).c
    statement = select(InvoiceRow).where(
        columns.vault_id == vault_id, ~columns.removed, columns.processed_at.is_not(None)
    )
    if since is not None:
        statement = statement.where(columns.processed_at >= since)
    if after is not None:
        statement = statement.where(tuple_(columns.processed_at, columns.id) > tuple_(*after))
    statement = statement.order_by(columns.processed_at, columns.id).limit(limit)
    return [_read(row) for row in (await session.execute(statement)).scalars()]


def _read(row: InvoiceRow) -> StoredInvoice:
    return StoredInvoice(stored(Invoice, row.data), row.version, row.requisition_id)


def _invoice_values(state: InvoiceState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "id": str(state.invoice.id),
        "status": state.invoice.status,
        "removed": state.invoice.removed is not None,
        "requisition_id": state.row.requisition_id if state.row and not state.invoice.removed else None,
        "created_at": state.invoice.created_at.isoformat(),
        "processed_at": state.invoice.processed_at.isoformat() if state.invoice.processed_at else None,
        "data": state.invoice.model_dump(mode="json"),
    }
