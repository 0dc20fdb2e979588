"""An AP invoice and its row, locked together for a change, and told together (always the row first)."""

from dataclasses import dataclass, replace

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import InvoiceCommand
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain.refusals import no_invoice
from drawbridge.import_service.store.grid import GridRow, lock_row, save_rows
from drawbridge.import_service.store.invoices import StoredInvoice, change_invoice, find_invoice
from drawbridge.import_service.usecases.telling import raised, require_version, tell_invoice
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class LockedInvoice:
    """As they are before the change; an AP invoice that did not come from Procore has no row."""

    vault_id: str
    stored: StoredInvoice
    row: GridRow | None

    @property
    def invoice(self) -> Invoice:
        """The AP invoice itself."""
        return self.stored.invoice


async def lock_invoice(tx: Transaction, command: InvoiceCommand) -> LockedInvoice:
    """Lock what the command is about, and compare its version with what the sender saw.

    Raises:
        Refused: ``no_invoice`` or ``version_conflict``.
    """
    seen = await find_invoice(tx.session, command.vault_id, command.invoice_id)
    row = await lock_row(tx.session, command.vault_id, seen.requisition_id) if seen else None
    stored = await find_invoice(tx.session, command.vault_id, command.invoice_id, lock=True)
    if stored is None:
        raise no_invoice()
    require_version(command.expected_version, stored.version)
    return LockedInvoice(command.vault_id, stored, row)


async def store_change(  # what changed, why, and in which story
    tx: Transaction,
    locked: LockedInvoice,
    invoice: Invoice,
    row: GridRow | None,
    change: Change,
    cause: Cause,
    epoch: int,
) -> ProcoreInvoice | None:
    """Write both under their next versions and tell them in one event; gives the row as it was told."""
    requisition_id = None if invoice.removed else locked.stored.requisition_id
    version = version_after(locked.stored.version, epoch)
    result = replace(locked.stored, invoice=invoice, version=version, requisition_id=requisition_id)
    await change_invoice(tx.session, result)
    state = None
    if row is not None and locked.row is not None:
        state = raised(row.state, locked.row.state, epoch)
        await save_rows(tx.session, locked.vault_id, [replace(row, state=state)])
    tell_invoice(tx, locked.vault_id, result, state, change, cause)
    return state
