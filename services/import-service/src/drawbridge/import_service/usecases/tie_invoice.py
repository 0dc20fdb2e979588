"""Make the AP invoices of Procore invoices, in the caller's transaction and under the rows' locks."""

from collections.abc import Sequence
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
    add_invoices,
    change_invoice,
    find_duplicates,
)
from drawbridge.import_service.store.queue import remove_documents
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
class Tie:
    """A seen row to tie: what with, why, and the blank AP invoice ``into`` which; None for a new one."""

    seen: SeenRow
    filling: Filling
    cause: Cause
    into: StoredInvoice | None = None


@dataclass(frozen=True, slots=True)
class Tied:
    """The AP invoice and its row as they were written."""

    stored: StoredInvoice
    row: GridRow


async def tie_invoice(tx: Transaction, vault: Vault, tie: Tie, *, epoch: int) -> Tied:
    """One of `tie_invoices`."""
    return (await tie_invoices(tx, vault, [tie], epoch=epoch))[0]


async def tie_invoices(tx: Transaction, vault: Vault, ties: Sequence[Tie], *, epoch: int) -> list[Tied]:
    """Fill blank invoices, or new ones; consume their queue documents; tell each once.

    Raises:
        DuplicateInvoice: if the vault treats a duplicate as an error.
    """
    if not ties:
        return []
    blanks = [tie.into.invoice if tie.into else _blank(tie, tx.now) for tie in ties]
    headers = {blank.id: tie.filling.content.header for blank, tie in zip(blanks, ties, strict=True)}
    doubled = await find_duplicates(tx.session, vault.id, headers)
    tied = [
        _tied(vault, tie, blank, tx.now, epoch, is_duplicate=blank.id in doubled)
        for blank, tie in zip(blanks, ties, strict=True)
    ]
    await _write(tx, vault, ties, tied)
    for tie, each in zip(ties, tied, strict=True):
        change = Change(what="imported", at=tx.now, by=tie.filling.by, detail=tie.filling.how)
        tell_invoice(tx, vault.id, each.stored, each.row.state, change, tie.cause)
    return tied


async def _write(tx: Transaction, vault: Vault, ties: Sequence[Tie], tied: Sequence[Tied]) -> None:
    queued = [tie.seen.new.state for tie in ties if tie.seen.new.state.queue_document is not None]
    await remove_documents(tx.session, vault.id, [row.requisition_id for row in queued])
    pairs = list(zip(ties, tied, strict=True))
    fresh = [(each.stored, tie.filling.raw) for tie, each in pairs if tie.into is None]
    await add_invoices(tx.session, vault.id, fresh)
    for tie, each in pairs:
        if tie.into is not None:
            await change_invoice(tx.session, each.stored, tie.filling.raw)
    await save_rows(tx.session, vault.id, [each.row for each in tied])


def _blank(tie: Tie, now: datetime) -> Invoice:
    return ap_invoice.blank(uuid4(), tie.filling.by, now)


def _tied(  # all that decides
    vault: Vault, tie: Tie, blank: Invoice, now: datetime, epoch: int, *, is_duplicate: bool
) -> Tied:
    filling, seen = tie.filling, tie.seen
    warnings = filling.warnings
    if is_duplicate:
        warnings += (guard_duplicate(filling.content.header, vault.settings),)
    invoice = ap_invoice.filled(blank, filling.content, source_of(seen, filling, now), warnings)
    version = version_after(tie.into.version if tie.into else None, epoch)
    row = seen.as_told(grid_row.imported(seen.new.state, invoice), epoch)
    row = replace(row, imported_hash=filling.content_hash)
    return Tied(StoredInvoice(invoice, version, seen.new.state.requisition_id), row)


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
