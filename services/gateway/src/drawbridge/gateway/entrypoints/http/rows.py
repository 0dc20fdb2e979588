"""How a row of the grid looks: the columns, the state with its reason, and each action with its own."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from drawbridge.contracts import Problem
from drawbridge.contracts.actions import RowActions
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
    actions: RowActions

    @classmethod
    def of(cls, shown: ShownRow) -> "ProcoreInvoiceView":
        """The row as JSON has it."""
        return cls.model_validate(members_of(shown))


_TOLD = {name: each.get_default() for name, each in ProcoreInvoice.model_fields.items()}
"""The members that an owner tells of a row, and what they are in a row of before there was such a member."""
_INNER = _TOLD.keys() - ProcoreInvoiceView.model_fields.keys()
"""What services tell each other and front ends need not know."""


def members_of(shown: ShownRow) -> dict[str, Any]:
    """The members of a view as JSON has them: told as JSON, kept as JSON, and not read again for a page."""
    row = shown.item.row
    members = (
        row.copy() if row.keys() == _TOLD.keys() else {name: row.get(name, _TOLD[name]) for name in _TOLD}
    )
    for name in _INNER:
        del members[name]
    members["error"] = row.get("problem") if row["import_state"] == "error" else None
    members["payment_state"] = shown.item.payment_state
    members["actions"] = shown.actions
    return members
