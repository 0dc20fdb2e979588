"""Begin a blank AP invoice (product rule 3)."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import CreateInvoice
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain import ap_invoice
from drawbridge.import_service.store.invoices import StoredInvoice, add_invoice, invoice_exists
from drawbridge.import_service.usecases.telling import tell_invoice
from drawbridge.persistence import Transaction


async def create_invoice(tx: Transaction, command: CreateInvoice, cause: Cause, epoch: int) -> None:
    """Begin a blank AP invoice under the sender's id.

    Raises:
        Refused: ``invoice_exists``.
    """
    if await invoice_exists(tx.session, command.invoice_id):
        raise Refused("invoice_exists", "There is an AP invoice with this id already.", "Choose another id.")
    invoice = ap_invoice.blank(command.invoice_id, command.requested_by, tx.now)
    stored = StoredInvoice(invoice, version_after(None, epoch), None)
    await add_invoice(tx.session, command.vault_id, stored)
    change = Change(what="created", at=tx.now, by=command.requested_by)
    tell_invoice(tx, command.vault_id, stored, None, change, cause)
