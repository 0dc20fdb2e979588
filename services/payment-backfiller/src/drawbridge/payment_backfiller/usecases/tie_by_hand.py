"""A person ties a bill to an AP invoice, or parts it for good; the caller settles the bill afterwards."""

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.payment_commands import TieByHand, Untie
from drawbridge.payment_backfiller.store.allocations import AllocationView
from drawbridge.payment_backfiller.store.bills import bills_tied_to
from drawbridge.payment_backfiller.store.invoices import candidates, read_invoices
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.persistence import Transaction


async def tie_by_hand(tx: Transaction, vault: Vault, view: AllocationView, command: TieByHand) -> None:
    """Tie the bill.

    Raises:
        Refused: why the two cannot belong together.
    """
    bill = view.bill
    invoice = (await read_invoices(tx.session, [command.invoice_id])).get(command.invoice_id)
    if invoice is None or invoice.vault_id != vault.id or not invoice.imported:
        raise Refused(
            "not_an_imported_invoice",
            f"The vault has no AP invoice {command.invoice_id} that came from Procore.",
            "Only invoices imported from Procore can receive a payment there.",
        )
    if bill.voided:
        raise Refused(
            "bill_voided", f"Bill {bill.id} was voided in the ledger.", "Tie the bill that replaced it."
        )
    await _check_claims(tx, vault, view, invoice)
    bill.invoice_id, bill.match_key = invoice.id, "by_hand"
    why = f": {command.reason}" if command.reason else "."
    bill.evidence = f"Tied by {command.requested_by}{why}"
    bill.unmatched_reason, bill.candidates = "", []
    bill.kept_apart = [each for each in bill.kept_apart if each != str(invoice.id)]
    view.row.dismissed = None
    await tx.session.flush()


async def _check_claims(tx: Transaction, vault: Vault, view: AllocationView, invoice: InvoiceRow) -> None:
    """One bill ties to at most one AP invoice, and a ledger bill id is the stronger word."""
    bill = view.bill
    tied = (await bills_tied_to(tx.session, vault.id, [invoice.id])).get(invoice.id)
    if tied is not None and tied.id != bill.id:
        raise Refused(
            "invoice_has_bill",
            f"This AP invoice is tied to bill {tied.id} of the ledger already.",
            "Untie that one first if it is wrong.",
        )
    if invoice.ledger_bill_id not in (None, bill.id):
        raise Refused(
            "invoice_names_other_bill",
            f"This AP invoice names the ledger's bill {invoice.ledger_bill_id}.",
            "Correct the bill id on the AP invoice first.",
        )
    naming = [
        each for each in await candidates(tx.session, vault.id, [bill]) if each.ledger_bill_id == bill.id
    ]
    if any(each.id != invoice.id for each in naming):
        raise Refused(
            "bill_named_by_other",
            f"Another AP invoice names the ledger's bill {bill.id}.",
            "Correct the bill id on that AP invoice first.",
        )


async def untie(tx: Transaction, view: AllocationView, command: Untie) -> None:
    """Part the bill from its AP invoice; it is never tied to that one again by itself.

    Raises:
        Refused: ``not_tied``, when it is tied to none.
    """
    bill = view.bill
    if bill.invoice_id is None:
        raise Refused(
            "not_tied", "This payment's bill is tied to no AP invoice.", "There is nothing to untie."
        )
    bill.kept_apart = sorted({*bill.kept_apart, str(bill.invoice_id)})
    bill.invoice_id, bill.match_key = None, None
    bill.evidence = f"Untied by {command.requested_by}: {command.reason}"
    await tx.session.flush()
