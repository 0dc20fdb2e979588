"""Which actions an AP invoice allows, and why not; see `drawbridge.contracts.actions`.

``paid`` tells whether a live allocation of the ledger is tied to the AP invoice.
"""

from drawbridge.contracts.actions import ALLOWED, Action, no, process_action, refresh_action
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.payments import InvoicePaymentsState
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.values import Value


class InvoiceActions(Value):
    """The actions of one AP invoice."""

    import_: Action
    refresh: Action
    process: Action
    withdraw: Action
    reopen: Action


def invoice_actions(invoice: Invoice, row: ProcoreInvoice | None, *, paid: bool) -> InvoiceActions:
    """Decide all actions of an AP invoice (product rules 3, 4, 11 and 12)."""
    importing = (
        ALLOWED if invoice.blank else no("not_blank", "Only a blank AP invoice can be filled by an import.")
    )
    return InvoiceActions(
        import_=importing,
        refresh=refresh_action(row) if row else no("no_source", "This AP invoice did not come from Procore."),
        process=process_action(invoice, row.drift if row else None),
        withdraw=withdraw_action(invoice, paid=paid),
        reopen=reopen_action(invoice, paid=paid),
    )


def is_paid(payments: InvoicePaymentsState | None) -> bool:
    """Whether a live allocation is tied to it."""
    return payments is not None and bool(payments.payments)


def withdraw_action(invoice: Invoice, *, paid: bool) -> Action:
    """Product rule 10: an import can be undone while the AP invoice is unprocessed."""
    if invoice.status == "processed":
        return no("processed", "The AP invoice was handed over to the ledger.", "An admin may reopen it.")
    if invoice.source is None:
        return no("no_source", "This AP invoice did not come from Procore.", "Delete it instead.")
    return _paid() if paid else ALLOWED


def reopen_action(invoice: Invoice, *, paid: bool) -> Action:
    """Product rule 11: only what was processed, and not while a payment depends on it."""
    if invoice.status != "processed":
        return no("not_processed", "The AP invoice was not handed over to the ledger.", "Change it as it is.")
    return _paid() if paid else ALLOWED


def delete_action(invoice: Invoice) -> Action:
    """Only an AP invoice without a source is deleted; an import is withdrawn."""
    if invoice.source is not None:
        return no("has_source", "This AP invoice was imported from Procore.", "Withdraw it instead.")
    return ALLOWED


def change_action(invoice: Invoice) -> Action:
    """Product rule 4: what is ours may be changed while the AP invoice is unprocessed."""
    if invoice.status == "processed":
        return no("processed", "The AP invoice was handed over to the ledger.", "An admin may reopen it.")
    return ALLOWED


def _paid() -> Action:
    return no(
        "payment_tied", "A payment of the ledger is tied to this AP invoice.", "Untie the payment first."
    )
