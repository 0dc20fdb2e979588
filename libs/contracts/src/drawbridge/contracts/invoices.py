"""AP invoices: our records, made from Procore invoices or begun blank, and what the ledger gets."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from drawbridge.contracts.message import Event, StateEvent
from drawbridge.contracts.procore_invoices import Commitment, InvoiceStatus, ProcoreInvoice, Vendor
from drawbridge.contracts.values import (
    Amount,
    Change,
    How,
    ProcoreId,
    Quantity,
    Timestamp,
    Value,
    VaultId,
)

InvoiceType = Literal["progress", "retainage_release", "progress_and_retainage_release"]
LineKind = Literal["contract_item", "detail_item", "change_order_item"]


class Attachment(Value):
    """Metadata of a file in Procore; the file itself is never copied."""

    id: ProcoreId
    filename: str
    content_type: str = ""


class InvoiceHeader(Value):
    """What Procore says of the invoice as a whole. Amounts in ``currency``, of *this* invoice only.

    ``net_due`` = ``gross`` - ``retainage_held`` + ``retainage_released`` (+ ``tax``, see the control totals).
    """

    vendor: Vendor
    commitment: Commitment
    project_id: ProcoreId
    project_name: str = ""
    project_number: str = ""
    invoice_number: str | None = None
    application_number: int | None = None
    invoice_type: InvoiceType = "progress"
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    due_date: date | None = None
    currency: str
    gross: Amount
    retainage_held: Amount
    retainage_released: Amount
    tax: Amount
    net_due: Amount
    final: bool = False
    attachments: tuple[Attachment, ...] = ()


class LineCoding(Value):
    """What people add to a line; survives a refresh (product rule 4)."""

    ledger_account: str | None = None
    job: str | None = None
    cost_code: str | None = None


class InvoiceLine(Value):
    """One line. ``procore_line_id`` is the schedule-of-values line that coding follows."""

    procore_line_id: ProcoreId
    position: int
    kind: LineKind
    description: str = ""
    cost_code: str | None = None
    wbs_code: str | None = None
    cost_type: str | None = None
    quantity: Quantity | None = None
    unit: str | None = None
    unit_price: Quantity | None = None
    scheduled_value: Amount
    work_this_period: Amount
    materials_stored: Amount
    retainage_held: Amount
    retainage_released: Amount
    tax: Amount
    net: Amount
    coding: LineCoding = LineCoding()


class InvoiceContent(Value):
    """All that is Procore's on an imported AP invoice; read-only for people."""

    header: InvoiceHeader
    lines: tuple[InvoiceLine, ...] = ()


class Warned(Value):
    """A control total or guard that did not hold; the invoice was imported all the same."""

    code: str
    message: str
    difference: Amount | None = None


class InvoiceSource(Value):
    """Where an AP invoice came from: "Invoice Imported From Procore" (product rule 8)."""

    company_id: ProcoreId
    project_id: ProcoreId
    commitment_id: ProcoreId
    requisition_id: ProcoreId
    updated_at: Timestamp | None
    content_hash: str
    imported_by: str
    imported_at: Timestamp
    how: How


class Overrides(Value):
    """What people add to the header; survives a refresh (product rule 4)."""

    ledger_vendor_code: str | None = None
    due_date: date | None = None
    notes: str = ""


class LedgerReference(Value):
    """The ledger's own keys of the bill, told by whoever posted it (product rule 11)."""

    ledger_bill_id: str | None = None
    ledger_vendor_code: str | None = None


class Removed(Value):
    """Why an AP invoice is no more: its import was withdrawn, or a blank one was deleted."""

    how: Literal["withdrawn", "deleted"]
    at: Timestamp
    by: str
    reason: str = ""


class Invoice(Value):
    """One AP invoice. A blank one has neither ``content`` nor ``source``; a removed one is only history."""

    id: UUID
    status: InvoiceStatus = "unprocessed"
    revision: int = 0
    content: InvoiceContent | None = None
    source: InvoiceSource | None = None
    warnings: tuple[Warned, ...] = ()
    overrides: Overrides = Overrides()
    ledger: LedgerReference = LedgerReference()
    created_at: Timestamp
    created_by: str
    processed_at: Timestamp | None = None
    processed_by: str | None = None
    removed: Removed | None = None

    @property
    def blank(self) -> bool:
        """Whether an import may fill it (product rule 3)."""
        fresh = self.status == "unprocessed" and self.removed is None
        return fresh and self.source is None and self.content is None


class InvoiceState(StateEvent):
    """An AP invoice changed; ``row`` is its Procore invoice as of the same transaction, if it has one."""

    TYPE: ClassVar[str] = "drawbridge.invoice.state.v1"

    vault_id: VaultId
    invoice: Invoice
    row: ProcoreInvoice | None = None

    def subject(self) -> str:
        """``invoice/<vault>/<invoice>``."""
        return f"invoice/{self.vault_id}/{self.invoice.id}"

    def history(self) -> list[tuple[str, int, Change]]:
        """A change of an AP invoice is one of its Procore invoice, too."""
        lines = super().history()
        if self.row is not None:
            subject = f"requisition/{self.vault_id}/{self.row.requisition_id}"
            lines.append((subject, self.row.version, self.change))
        return lines


class InvoiceProcessed(Event):
    """Public: an AP invoice is ready for the ledger (product rule 11).

    Consumers key on (``invoice_id``, ``revision``); a higher revision replaces the bill.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice.processed.v1"

    vault_id: VaultId
    invoice_id: UUID
    revision: int
    header: InvoiceHeader
    lines: tuple[InvoiceLine, ...]
    overrides: Overrides
    source: InvoiceSource
    warnings: tuple[Warned, ...] = ()

    def subject(self) -> str:
        """``invoice/<vault>/<invoice>``."""
        return f"invoice/{self.vault_id}/{self.invoice_id}"


class InvoiceReopened(Event):
    """Public: an AP invoice that was handed over to the ledger is being changed again (product rule 11).

    ``revision`` is the one that was handed over; the next `InvoiceProcessed` has a higher one.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice.reopened.v1"

    vault_id: VaultId
    invoice_id: UUID
    revision: int
    reason: str
    reopened_by: str
    reopened_at: Timestamp
    ledger: LedgerReference
    source: InvoiceSource

    def subject(self) -> str:
        """``invoice/<vault>/<invoice>``."""
        return f"invoice/{self.vault_id}/{self.invoice_id}"
