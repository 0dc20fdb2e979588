"""Make a processed AP invoice unprocessed again (product rule 11)."""

from dataclasses import replace

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import ReopenInvoice
from drawbridge.contracts.invoice_actions import reopen_action
from drawbridge.contracts.invoices import InvoiceReopened
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import ap_invoice, grid_row
from drawbridge.import_service.domain.refusals import no_invoice
from drawbridge.import_service.store.payments import has_live_payments
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.locked_invoice import lock_invoice, store_change
from drawbridge.persistence import Transaction


async def reopen_invoice(
    tx: Transaction, vault: Vault, command: ReopenInvoice, cause: Cause, epoch: int
) -> None:
    """Reopen it; the public event goes out with the commit, and what changed in Procore shows again.

    Raises:
        Refused: with the rule's own words: not while a live allocation is tied to it.
    """
    locked = await lock_invoice(tx, command)
    paid = await has_live_payments(tx.session, command.vault_id, command.invoice_id)
    reopen_action(locked.invoice, paid=paid).require()
    invoice = ap_invoice.reopened(locked.invoice)
    if invoice.source is None:
        raise no_invoice()
    row = locked.row
    if row is not None:
        state = grid_row.reopened(row.state, vault.settings, tx.now, row.imported_hash)
        row = replace(row, state=state)
    change = Change(what="reopened", at=tx.now, by=command.requested_by, detail=command.reason)
    await store_change(tx, locked, invoice, row, change, cause, epoch)
    event = InvoiceReopened(
        vault_id=command.vault_id,
        invoice_id=invoice.id,
        revision=invoice.revision,
        reason=command.reason,
        reopened_by=command.requested_by,
        reopened_at=tx.now,
        ledger=invoice.ledger,
        source=invoice.source,
    )
    tx.send(event, cause=cause)
