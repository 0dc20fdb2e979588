"""Hand an AP invoice over to the ledger (product rule 11)."""

from dataclasses import replace

from drawbridge.contracts.actions import process_action
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import ProcessInvoice
from drawbridge.contracts.invoices import LedgerReference
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import ap_invoice, grid_row
from drawbridge.import_service.usecases.locked_invoice import LockedInvoice, lock_invoice, store_change
from drawbridge.persistence import Transaction


async def process_invoice(tx: Transaction, command: ProcessInvoice, cause: Cause, epoch: int) -> None:
    """Hand an AP invoice over to the ledger: the public event goes out with the commit.

    Raises:
        Refused: with the rule's own words; nothing is changed.
    """
    locked = await lock_invoice(tx, command)
    acknowledged = _require_processable(command, locked)
    known = locked.invoice.ledger
    ledger = LedgerReference(
        ledger_bill_id=command.ledger_bill_id or known.ledger_bill_id,
        ledger_vendor_code=command.ledger_vendor_code or known.ledger_vendor_code,
    )
    invoice = ap_invoice.processed(locked.invoice, ledger, command.requested_by, tx.now)
    row = None
    if locked.row is not None:
        row = replace(locked.row, state=grid_row.with_status(locked.row.state, invoice))
    change = Change(what="processed", at=tx.now, by=command.requested_by, detail=acknowledged)
    await store_change(tx, locked, invoice, row, change, cause, epoch)
    tx.send(ap_invoice.announcement(command.vault_id, invoice), cause=cause)


def _require_processable(command: ProcessInvoice, locked: LockedInvoice) -> str:
    """Enforce the rule; gives the reason with which a change in Procore was acknowledged, if it was."""
    action = process_action(locked.invoice, locked.row.state.drift if locked.row else None)
    reason = (command.acknowledge or "").strip()
    if action.code == "drift_changed" and reason:
        return f"Acknowledged: {reason}"
    action.require()
    return ""
