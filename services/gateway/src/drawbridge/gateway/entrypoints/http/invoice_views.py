"""How an AP invoice looks: what Procore says, what is ours, what is allowed, what was paid."""

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.actions import Action
from drawbridge.contracts.invoice_actions import InvoiceActions
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.payments import InvoicePaymentsState, PaymentLine, PaymentState
from drawbridge.contracts.values import Amount
from drawbridge.gateway.usecases.show_invoice import ShownInvoice


class InvoiceActionsView(BaseModel):
    """The actions of an AP invoice; where one is not allowed, ``reason`` and ``advice`` say why."""

    model_config = ConfigDict(populate_by_name=True)

    import_: Action = Field(alias="import")
    refresh: Action
    process: Action
    withdraw: Action
    reopen: Action

    @classmethod
    def of(cls, actions: InvoiceActions) -> "InvoiceActionsView":
        """The same with names as JSON has them."""
        return cls.model_validate(dict(actions))


class PaymentsView(BaseModel):
    """What the ledger has paid of an AP invoice; ``cause`` says why ``payable`` is not the net due."""

    payment_state: PaymentState
    payable: Amount
    cash: Amount
    discount: Amount
    credit: Amount
    cause: str
    payments: tuple[PaymentLine, ...]

    @classmethod
    def of(cls, state: InvoicePaymentsState) -> "PaymentsView":
        """What is shown of the payment state."""
        return cls.model_validate(state.model_dump(include=set(cls.model_fields)))


class InvoiceView(Invoice):
    """An AP invoice. ``version`` is for ``If-Match``."""

    version: int
    requisition_id: int | None
    actions: InvoiceActionsView
    payments: PaymentsView | None = None

    @classmethod
    def of_shown(cls, shown: ShownInvoice) -> "InvoiceView":
        """The invoice as JSON has it."""
        return cls(
            **dict(shown.stored.invoice),
            version=shown.stored.version,
            requisition_id=shown.stored.requisition_id,
            actions=InvoiceActionsView.of(shown.actions),
            payments=PaymentsView.of(shown.payments) if shown.payments else None,
        )
