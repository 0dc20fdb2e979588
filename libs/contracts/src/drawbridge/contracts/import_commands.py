"""Commands to import-service."""

from typing import ClassVar, Literal
from uuid import UUID

from drawbridge.contracts.invoices import LineCoding, Overrides
from drawbridge.contracts.message import Command
from drawbridge.contracts.values import How, ProcoreId, Value, VaultId
from drawbridge.contracts.vendor_map import VendorCode

IMPORT_SERVICE = "import-service"


class ImportCommand(Command):
    """Base of the commands to import-service.

    ``requested_by`` names the person or machine; ``expected_version`` is the subject version that they
    saw, compared before anything is set.
    """

    TO: ClassVar[str] = IMPORT_SERVICE

    vault_id: VaultId
    requested_by: str
    expected_version: int | None = None


class ImportInvoice(ImportCommand):
    """Fetch one Procore invoice and make an AP invoice, or a queue document, of it (product rule 3).

    ``open_invoice_id`` is the AP invoice that the user has open; a blank one is filled. ``bulk`` is one of
    many that were asked for at once: it yields to what a person asked for by itself.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice.import.requested.v1"

    project_id: ProcoreId
    requisition_id: ProcoreId
    how: How
    target: Literal["invoice", "queue"] = "invoice"
    open_invoice_id: UUID | None = None
    bulk: bool = False

    def subject(self) -> str:
        """``requisition/<vault>/<requisition>``."""
        return f"requisition/{self.vault_id}/{self.requisition_id}"


class NewInvoice(ImportCommand):
    """Make the AP invoice of a queue document, after looking at Procore once more (product rule 7).

    ``content_hash`` accepts exactly the changed content that an earlier answer showed.
    """

    TYPE: ClassVar[str] = "drawbridge.queue-document.new-invoice.requested.v1"

    queue_document_id: UUID
    content_hash: str | None = None

    def subject(self) -> str:
        """``queue-document/<vault>/<queue document>``."""
        return f"queue-document/{self.vault_id}/{self.queue_document_id}"


class DeleteQueueDocument(ImportCommand):
    """Take a queue document out of the queue; its row is held with the reason (product rule 12)."""

    TYPE: ClassVar[str] = "drawbridge.queue-document.delete.requested.v1"

    queue_document_id: UUID
    reason: str

    def subject(self) -> str:
        """``queue-document/<vault>/<queue document>``."""
        return f"queue-document/{self.vault_id}/{self.queue_document_id}"


class DismissError(ImportCommand):
    """An error needs no more attention; its row is held with the reason (product rule 12)."""

    TYPE: ClassVar[str] = "drawbridge.procore-invoice.dismiss.requested.v1"

    requisition_id: ProcoreId
    reason: str

    def subject(self) -> str:
        """``requisition/<vault>/<requisition>``."""
        return f"requisition/{self.vault_id}/{self.requisition_id}"


class InvoiceCommand(ImportCommand):
    """Base of the commands about one AP invoice."""

    invoice_id: UUID

    def subject(self) -> str:
        """``invoice/<vault>/<invoice>``."""
        return f"invoice/{self.vault_id}/{self.invoice_id}"


class CreateInvoice(InvoiceCommand):
    """Begin a blank AP invoice under an id that the sender chose."""

    TYPE: ClassVar[str] = "drawbridge.invoice.create.requested.v1"


class RefreshInvoice(InvoiceCommand):
    """Re-read an imported AP invoice from Procore (product rule 4).

    With ``preview`` nothing changes: `RefreshPreviewed` answers. Without it, exactly the content of
    ``content_hash`` is applied, or the command is refused.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice.refresh.requested.v1"

    preview: bool = False
    content_hash: str | None = None


class ProcessInvoice(InvoiceCommand):
    """Hand an AP invoice over to the ledger (product rule 11).

    ``acknowledge`` is the reason for going on although Procore's invoice changed since.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice.process.requested.v1"

    ledger_bill_id: str | None = None
    ledger_vendor_code: str | None = None
    acknowledge: str | None = None


class CodedLine(Value):
    """The coding that a person gives to one line, in full."""

    procore_line_id: ProcoreId
    coding: LineCoding


class ChangeInvoice(InvoiceCommand):
    """Set what is ours on an AP invoice, while it is unprocessed (product rule 4); other lines stay coded."""

    TYPE: ClassVar[str] = "drawbridge.invoice.change.requested.v1"

    overrides: Overrides
    lines: tuple[CodedLine, ...] = ()


class SetLedgerReference(InvoiceCommand):
    """Tell the ledger's own keys of the bill, at any time (product rule 11)."""

    TYPE: ClassVar[str] = "drawbridge.invoice.ledger-reference.requested.v1"

    ledger_bill_id: str | None = None
    ledger_vendor_code: str | None = None


class WithdrawInvoice(InvoiceCommand):
    """Undo an import: the AP invoice goes, its row is held with the reason (product rule 12)."""

    TYPE: ClassVar[str] = "drawbridge.invoice.withdraw.requested.v1"

    reason: str


class DeleteInvoice(InvoiceCommand):
    """Remove an AP invoice that did not come from Procore."""

    TYPE: ClassVar[str] = "drawbridge.invoice.delete.requested.v1"


class ReopenInvoice(InvoiceCommand):
    """Make a processed AP invoice unprocessed again (product rule 11): an admin's decision."""

    TYPE: ClassVar[str] = "drawbridge.invoice.reopen.requested.v1"

    reason: str


class ChangeVendorMap(ImportCommand):
    """Replace all codes of the vendor map that were entered by hand.

    A vendor that is not among them goes back to Procore's own code.
    """

    TYPE: ClassVar[str] = "drawbridge.vendor-map.change.requested.v1"

    codes: tuple[VendorCode, ...]

    def subject(self) -> str:
        """``vendor-map/<vault>/all``."""
        return f"vendor-map/{self.vault_id}/all"


class SyncProject(ImportCommand):
    """Re-read one project's invoices from Procore; repeats within 30 s collapse (product rule 1)."""

    TYPE: ClassVar[str] = "drawbridge.project.sync.requested.v1"

    project_id: ProcoreId

    def subject(self) -> str:
        """``project/<vault>/<project>``."""
        return f"project/{self.vault_id}/{self.project_id}"
