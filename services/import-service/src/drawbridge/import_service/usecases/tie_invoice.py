"""Make the AP invoice of a Procore invoice, in the caller's transaction and under the row's lock."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.invoices import Invoice, InvoiceContent, InvoiceSource, Warned
from drawbridge.contracts.values import Change, How, version_after
from drawbridge.import_service.domain import ap_invoice, grid_row
from drawbridge.import_service.domain.duplicates import guard_duplicate
from drawbridge.import_service.store.grid import GridRow, save_rows
from drawbridge.import_service.store.invoices import (
    StoredInvoice,
    add_invoice,
    change_invoice,
    has_duplicate,
)
from drawbridge.import_service.store.queue import remove_document
from drawbridge.import_service.store.tables import JsonObject
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.see_invoice import SeenRow
from drawbridge.import_service.usecases.telling import tell_invoice
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Filling:
    """What an AP invoice is filled with, and who asked for it."""

    content: InvoiceContent
    warnings: tuple[Warned, ...]
    content_hash: str
    updated_at: datetime | None
    raw: JsonObject
    by: str
    how: How


@dataclass(frozen=True, slots=True)
class Tied:
    """The AP invoice and its row as they were written."""

    stored: StoredInvoice
    row: GridRow


async def tie_invoice(
    tx: Transaction,
    vault: Vault,
    seen: SeenRow,
    filling: Filling,
    *,
    epoch: int,
    cause: Cause,
    into: StoredInvoice | None = None,
) -> Tied:
    """Fill the blank invoice ``into``, or a new one; consume the queue document; tell it once.

    Raises:
        DuplicateInvoice: if the vault treats a duplicate as an error.
    """
    blank = into.invoice if into else ap_invoice.blank(uuid4(), filling.by, tx.now)
    warnings = filling.warnings
    if await has_duplicate(tx.session, vault.id, filling.content.header, blank.id):
        warnings += (guard_duplicate(filling.content.header, vault.settings),)
    invoice = ap_invoice.filled(blank, filling.content, source_of(seen, filling, tx.now), warnings)
    version = version_after(into.version if into else None, epoch)
    stored = StoredInvoice(invoice, version, seen.new.state.requisition_id)
    if seen.new.state.queue_document is not None:
        await remove_document(tx.session, vault.id, seen.new.state.requisition_id)
    if into is None:
        await add_invoice(tx.session, vault.id, stored, filling.raw)
    else:
        await change_invoice(tx.session, stored, filling.raw)
    row = await _tie_row(tx, vault, seen, invoice, epoch)
    change = Change(what="imported", at=tx.now, by=filling.by, detail=filling.how)
    tell_invoice(tx, vault.id, stored, row.state, change, cause)
    return Tied(stored, row)


def source_of(seen: SeenRow, filling: Filling, now: datetime) -> InvoiceSource:
    """Where the content came from: "Invoice Imported From Procore" (product rule 8)."""
    row = seen.new.state
    return InvoiceSource(
        company_id=row.company_id,
        project_id=row.project_id,
        commitment_id=row.commitment.id,
        requisition_id=row.requisition_id,
        updated_at=filling.updated_at,
        content_hash=filling.content_hash,
        imported_by=filling.by,
        imported_at=now,
        how=filling.how,
    )


async def _tie_row(tx: Transaction, vault: Vault, seen: SeenRow, invoice: Invoice, epoch: int) -> GridRow:
    row = seen.as_told(grid_row.imported(seen.new.state, invoice), epoch)
    row = replace(row, imported_hash=invoice.source.content_hash if invoice.source else None)
    await save_rows(tx.session, vault.id, [row])
    return row
