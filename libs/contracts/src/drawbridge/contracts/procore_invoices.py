"""The grid: Procore projects and Procore invoices as import-service last saw them."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import StateEvent
from drawbridge.contracts.values import (
    Amount,
    How,
    ProcoreId,
    SubjectVersion,
    Timestamp,
    Value,
    VaultId,
    Waiting,
)

ImportState = Literal["not_imported", "in_queue", "imported", "error", "held"]
CommitmentKind = Literal["subcontract", "purchase_order"]
DriftKind = Literal["changed", "unapproved", "deleted", "invisible"]
InvoiceStatus = Literal["unprocessed", "processed"]


class Commitment(Value):
    """The subcontract or purchase order that a Procore invoice bills."""

    id: ProcoreId
    number: str = ""
    title: str = ""
    kind: CommitmentKind = "subcontract"


class Vendor(Value):
    """A Procore vendor, with its code in the ledger where the vault's vendor map knows one."""

    id: ProcoreId | None = None
    name: str = ""
    ledger_code: str | None = None


class Drift(Value):
    """What happened in Procore after import (product rule 10); ``what`` is a sentence for people."""

    kind: DriftKind
    what: str
    seen_at: Timestamp


class QueueDocument(Value):
    """An approved Procore invoice that waits in the vault's queue, already fetched."""

    id: UUID
    fetched_at: Timestamp
    content_hash: str


class ProcoreInvoice(Value):
    """One row of the grid. Identity: (vault, requisition id); amounts in ``currency``.

    ``number`` is the application number on the commitment; neither it nor ``invoice_number`` is unique.
    ``retainage`` is what *this* invoice holds. ``importable_since`` is when the row was first seen in an
    accepted status after not being in one; automation goes by it. ``content_hash`` covers all that the
    list shows of the invoice. ``retryable`` says whether an error may pass by itself.
    """

    version: SubjectVersion
    company_id: ProcoreId
    project_id: ProcoreId
    project_name: str = ""
    requisition_id: ProcoreId
    commitment: Commitment
    vendor: Vendor
    number: int | None = None
    invoice_number: str | None = None
    billing_date: date | None = None
    net_due: Amount | None = None
    retainage: Amount | None = None
    currency: str = "USD"
    procore_status: str
    procore_created_at: Timestamp | None = None
    procore_updated_at: Timestamp | None = None
    content_hash: str
    import_state: ImportState = "not_imported"
    importable_since: Timestamp | None = None
    problem: Problem | None = None
    retryable: bool = False
    held_reason: str | None = None
    drift: Drift | None = None
    queue_document: QueueDocument | None = None
    invoice_id: UUID | None = None
    invoice_status: InvoiceStatus | None = None
    imported_at: Timestamp | None = None
    imported_by: str | None = None
    imported_how: How | None = None


class ProcoreInvoiceState(StateEvent):
    """The row of one Procore invoice changed, and no AP invoice did (else see `InvoiceState`)."""

    TYPE: ClassVar[str] = "drawbridge.procore-invoice.state.v1"

    vault_id: VaultId
    row: ProcoreInvoice

    def subject(self) -> str:
        """``requisition/<vault>/<requisition>``."""
        return f"requisition/{self.vault_id}/{self.row.requisition_id}"


class Webhook(Value):
    """Whether Procore tells at once of changes in a project; without it the poll finds them later."""

    active: bool
    problem: Problem | None = None


class ProjectState(StateEvent):
    """One Procore project of a vault, and how its last re-read went.

    ``as_of`` is the start of the last complete re-read; ``waiting`` and ``problem`` say why a newer one is
    not there yet. ``webhook`` is None where the vault has no webhooks.
    """

    TYPE: ClassVar[str] = "drawbridge.project.state.v1"

    vault_id: VaultId
    project_id: ProcoreId
    name: str
    number: str = ""
    active: bool = True
    as_of: Timestamp | None = None
    invoices: int = 0
    waiting: Waiting | None = None
    problem: Problem | None = None
    webhook: Webhook | None = None

    def subject(self) -> str:
        """``project/<vault>/<project>``."""
        return f"project/{self.vault_id}/{self.project_id}"
