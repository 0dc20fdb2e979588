"""Set what is ours on an AP invoice: overrides and coding, then or later the ledger's reference."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import ChangeInvoice, SetLedgerReference
from drawbridge.contracts.invoice_actions import change_action
from drawbridge.contracts.invoices import LedgerReference
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import ap_invoice
from drawbridge.import_service.store import invoice_lines
from drawbridge.import_service.usecases.locked_invoice import lock_invoice, store_change
from drawbridge.persistence import Transaction


async def change_invoice(tx: Transaction, command: ChangeInvoice, cause: Cause, epoch: int) -> None:
    """Set overrides and the coding of lines, while it is unprocessed (product rule 4).

    Raises:
        Refused: with the rule's own words, or ``no_such_line``.
    """
    locked = await lock_invoice(tx, command)
    change_action(locked.invoice).require()
    codings = {line.procore_line_id: line.coding for line in command.lines}
    invoice = ap_invoice.coded(locked.invoice, command.overrides, codings)
    await invoice_lines.replace(tx.session, invoice)
    change = Change(what="changed", at=tx.now, by=command.requested_by)
    await store_change(tx, locked, invoice, locked.row, change, cause, epoch)


async def set_ledger_reference(
    tx: Transaction, command: SetLedgerReference, cause: Cause, epoch: int
) -> None:
    """Keep the ledger's own keys of the bill; payments are matched by them first.

    Raises:
        Refused: ``blank``, for an AP invoice without content.
    """
    locked = await lock_invoice(tx, command)
    if locked.invoice.content is None:
        raise Refused(
            "blank", "A blank AP invoice has no bill in the ledger.", "Import a Procore invoice into it."
        )
    ledger = LedgerReference(
        ledger_bill_id=command.ledger_bill_id, ledger_vendor_code=command.ledger_vendor_code
    )
    invoice = locked.invoice.model_copy(update={"ledger": ledger})
    detail = ledger.ledger_bill_id or ""
    change = Change(what="ledger_reference_set", at=tx.now, by=command.requested_by, detail=detail)
    await store_change(tx, locked, invoice, locked.row, change, cause, epoch)
