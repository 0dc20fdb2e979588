"""Show AP invoices with their actions, source, payments and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoice_actions import InvoiceActions, invoice_actions, is_paid
from drawbridge.contracts.invoices import InvoiceSource
from drawbridge.contracts.payments import InvoicePaymentsState
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.history import HistoryLine, history_of
from drawbridge.gateway.store.invoices import StoredInvoice, get_invoice, list_invoices, list_processed
from drawbridge.gateway.store.payments import find_invoice_payments, invoice_payments_of
from drawbridge.gateway.store.procore_invoices import row_of_invoice, rows_by_id
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Tools


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """An AP invoice with its actions and what the ledger has paid of it."""

    stored: StoredInvoice
    actions: InvoiceActions
    payments: InvoicePaymentsState | None = None


async def show_invoice(tools: Tools, vault_id: str, invoice_id: UUID) -> ShownInvoice:
    """One AP invoice.

    Raises:
        NotFound: when there is no such vault or invoice.
    """
    async with tools.database.reading() as session:
        stored = await _get(session, vault_id, invoice_id)
        row = await row_of_invoice(session, vault_id, invoice_id)
        payments = await find_invoice_payments(session, vault_id, invoice_id)
        actions = invoice_actions(stored.invoice, row, paid=is_paid(payments))
        return ShownInvoice(stored, actions, payments)


async def show_invoices(
    tools: Tools, vault_id: str, *, status: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[ShownInvoice]:
    """A page of AP invoices, the newest first."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        found = await list_invoices(session, vault_id, status=status, before=before, limit=limit)
        return await _shown(session, vault_id, found)


async def show_processed(
    tools: Tools,
    vault_id: str,
    *,
    since: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ShownInvoice]:
    """A page of processed AP invoices in the order in which they were handed over (product rule 11)."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        found = await list_processed(session, vault_id, since=since, after=after, limit=limit)
        return await _shown(session, vault_id, found)


async def show_source(tools: Tools, vault_id: str, invoice_id: UUID) -> InvoiceSource:
    """Where an AP invoice came from (product rule 8).

    Raises:
        NotFound: when there is no such vault or invoice, or it did not come from Procore.
    """
    async with tools.database.reading() as session:
        stored = await _get(session, vault_id, invoice_id)
    if stored.invoice.source is None:
        raise NotFound("no_source", "This AP invoice did not come from Procore.")
    return stored.invoice.source


async def show_invoice_history(tools: Tools, vault_id: str, invoice_id: UUID) -> list[HistoryLine]:
    """What happened to an AP invoice, the newest first; a removed one has its history still.

    Raises:
        NotFound: when there is no such vault or invoice.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        lines = await history_of(session, f"invoice/{vault_id}/{invoice_id}")
        if not lines:
            await get_invoice(session, vault_id, invoice_id)
        return lines


async def _shown(session: AsyncSession, vault_id: str, found: Sequence[StoredInvoice]) -> list[ShownInvoice]:
    wanted = [each.requisition_id for each in found if each.requisition_id is not None]
    rows = await rows_by_id(session, vault_id, wanted) if wanted else {}
    paid = await invoice_payments_of(session, vault_id, [each.invoice.id for each in found])
    return [
        ShownInvoice(
            each,
            invoice_actions(
                each.invoice,
                rows.get(each.requisition_id or 0),
                paid=is_paid(paid.get(each.invoice.id)),
            ),
            paid.get(each.invoice.id),
        )
        for each in found
    ]


async def _get(session: AsyncSession, vault_id: str, invoice_id: UUID) -> StoredInvoice:
    await get_vault(session, vault_id)
    return await get_invoice(session, vault_id, invoice_id)
