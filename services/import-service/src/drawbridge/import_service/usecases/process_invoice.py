"""Hand an AP invoice over to the ledger (product rule 11)."""

from dataclasses import replace

from drawbridge.contracts.actions import process_action
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import ProcessInvoice
from drawbridge.contracts.invoices import LedgerReference
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain import ap_invoice, grid_row
from drawbridge.import_service.domain.refusals import no_invoice
from drawbridge.import_service.store.grid import GridRow, lock_row, save_rows
from drawbridge.import_service.store.invoices import StoredInvoice, change_invoice, find_invoice
from drawbridge.import_service.usecases.telling import raised, require_version, tell_invoice
from drawbridge.persistence import Transaction


async def process_invoice(tx: Transaction, command: ProcessInvoice, cause: Cause, epoch: int) -> None:
    """Hand an AP invoice over to the ledger: the public event goes out with the commit.

    Raises:
        Refused: with the rule's own words; nothing is changed.
    """
    seen = await find_invoice(tx.session, command.vault_id, command.invoice_id)
    if seen is None:
        raise no_invoice()
    old = await lock_row(tx.session, command.vault_id, seen.requisition_id)
    stored = await find_invoice(tx.session, command.vault_id, command.invoice_id, lock=True)
    if stored is None:
        raise no_invoice()
    require_version(command.expected_version, stored.version)
    acknowledged = _require_processable(command, stored, old)
    ledger = LedgerReference(
        ledger_bill_id=command.ledger_bill_id or stored.invoice.ledger.ledger_bill_id,
        ledger_vendor_code=command.ledger_vendor_code or stored.invoice.ledger.ledger_vendor_code,
    )
    invoice = ap_invoice.processed(stored.invoice, ledger, command.requested_by, tx.now)
    result = replace(stored, invoice=invoice, version=version_after(stored.version, epoch))
    await change_invoice(tx.session, result)
    state = None
    if old is not None:
        state = raised(grid_row.with_status(old.state, invoice), old.state, epoch)
        await save_rows(tx.session, command.vault_id, [replace(old, state=state)])
    change = Change(what="processed", at=tx.now, by=command.requested_by, detail=acknowledged)
    tell_invoice(tx, command.vault_id, result, state, change, cause)
    tx.send(ap_invoice.announcement(command.vault_id, invoice), cause=cause)


def _require_processable(command: ProcessInvoice, stored: StoredInvoice, row: GridRow | None) -> str:
    """Enforce the rule; gives the reason with which a change in Procore was acknowledged, if it was."""
    action = process_action(stored.invoice, row.state.drift if row else None)
    reason = (command.acknowledge or "").strip()
    if action.code == "drift_changed" and reason:
        return f"Acknowledged: {reason}"
    action.require()
    return ""
