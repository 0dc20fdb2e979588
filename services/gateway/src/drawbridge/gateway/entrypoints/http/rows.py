"""How a row of the grid looks: the columns, the state with its reason, and each action with its own."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts import Problem
from drawbridge.contracts.actions import Action
from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import (
    Commitment,
    Drift,
    ImportState,
    InvoiceStatus,
    ProcoreInvoice,
    QueueDocument,
    Vendor,
)
from drawbridge.contracts.values import Amount, How, Timestamp
from drawbridge.gateway.usecases.show_grid import ShownRow


class RowActionsView(BaseModel):
    """The actions of a row; where one is not allowed, ``reason`` and ``advice`` say why and what to do."""

    model_config = ConfigDict(populate_by_name=True)

    import_: Action = Field(alias="import")
    refresh: Action
    reprocess: Action


class ProcoreInvoiceView(BaseModel):
    """One Procore invoice. ``version`` is for ``If-Match``; ``error`` says why the state is ``error``."""

    requisition_id: int
    version: int
    project_id: int
    project_name: str
    commitment: Commitment
    vendor: Vendor
    invoice_number: str | None
    number: int | None = Field(description="the application number")
    billing_date: date | None
    net_due: Amount | None
    retainage: Amount | None
    currency: str
    procore_status: str
    procore_created_at: Timestamp | None
    procore_updated_at: Timestamp | None
    import_state: ImportState
    error: Problem | None
    held_reason: str | None
    drift: Drift | None
    queue_document: QueueDocument | None
    invoice_id: UUID | None
    invoice_status: InvoiceStatus | None
    imported_at: Timestamp | None
    imported_by: str | None
    imported_how: How | None
    payment_state: PaymentState | None
    actions: RowActionsView

    @classmethod
    def of(cls, shown: ShownRow) -> "ProcoreInvoiceView":
        """The row as JSON has it."""
        return cls.model_validate(members_of(shown), from_attributes=True)


_SAME = tuple(name for name in ProcoreInvoiceView.model_fields if name in ProcoreInvoice.model_fields)
_AMOUNTS = ("net_due", "retainage")


def members_of(shown: ShownRow) -> dict[str, Any]:
    """The members of a view, for pages of many: they were checked when they were read, and are not again."""
    row = shown.item.row
    all_of_it = row.__dict__
    members = {name: all_of_it[name] for name in _SAME}
    for name in _AMOUNTS:
        amount = members[name]
        members[name] = None if amount is None else format(amount, "f")
    members["error"] = row.problem if row.import_state == "error" else None
    members["payment_state"] = shown.item.payment_state
    actions = shown.actions
    members["actions"] = {
        "import": actions.import_,
        "refresh": actions.refresh,
        "reprocess": actions.reprocess,
    }
    return members
