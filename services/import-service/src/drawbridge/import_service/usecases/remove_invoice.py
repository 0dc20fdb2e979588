"""Take an AP invoice away: withdraw an import, or delete a blank one (product rules 10 and 12)."""

from dataclasses import replace

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import DeleteInvoice, WithdrawInvoice
from drawbridge.contracts.invoice_actions import delete_action, withdraw_action
from drawbridge.contracts.invoices import Removed
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.payments import has_live_payments
from drawbridge.import_service.usecases.locked_invoice import lock_invoice, store_change
from drawbridge.persistence import Transaction


async def withdraw_invoice(tx: Transaction, command: WithdrawInvoice, cause: Cause, epoch: int) -> None:
    """Undo an import: the AP invoice is kept as history only, its row is held with the reason.

    Raises:
        Refused: with the rule's own words.
    """
    locked = await lock_invoice(tx, command)
    paid = await has_live_payments(tx.session, command.vault_id, command.invoice_id)
    withdraw_action(locked.invoice, paid=paid).require()
    removed = Removed(how="withdrawn", at=tx.now, by=command.requested_by, reason=command.reason)
    invoice = locked.invoice.model_copy(update={"removed": removed})
    row = None
    if locked.row is not None:
        state = grid_row.held(locked.row.state, f"withdrawn: {command.reason}")
        row = replace(locked.row, state=state, imported_hash=None)
    change = Change(what="withdrawn", at=tx.now, by=command.requested_by, detail=command.reason)
    await store_change(tx, locked, invoice, row, change, cause, epoch)


async def delete_invoice(tx: Transaction, command: DeleteInvoice, cause: Cause, epoch: int) -> None:
    """Remove an AP invoice that did not come from Procore.

    Raises:
        Refused: ``has_source``.
    """
    locked = await lock_invoice(tx, command)
    delete_action(locked.invoice).require()
    removed = Removed(how="deleted", at=tx.now, by=command.requested_by)
    invoice = locked.invoice.model_copy(update={"removed": removed})
    change = Change(what="deleted", at=tx.now, by=command.requested_by)
    await store_change(tx, locked, invoice, None, change, cause, epoch)
