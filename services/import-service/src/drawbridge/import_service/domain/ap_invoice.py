"""The life of an AP invoice: blank, filled from Procore, refreshed, processed."""

from datetime import datetime
from uuid import UUID

from drawbridge.contracts import actions
from drawbridge.contracts.invoices import (
    Invoice,
    InvoiceContent,
    InvoiceProcessed,
    InvoiceSource,
    LedgerReference,
    Warned,
)
from drawbridge.import_service.domain.diff import keep_coding

NOT_RECHECKED = Warned(
    code=actions.NOT_RECHECKED,
    message="Procore did not answer in time: filled from the stored copy, Procore is asked again.",
)


def blank(invoice_id: UUID, by: str, now: datetime) -> Invoice:
    """A new AP invoice without content."""
    return Invoice(id=invoice_id, created_at=now, created_by=by)


def filled(
    invoice: Invoice, content: InvoiceContent, source: InvoiceSource, warnings: tuple[Warned, ...]
) -> Invoice:
    """A blank invoice with the content of a Procore invoice."""
    return invoice.model_copy(update={"content": content, "source": source, "warnings": warnings})


def refreshed(
    invoice: Invoice, content: InvoiceContent, source: InvoiceSource, warnings: tuple[Warned, ...]
) -> Invoice:
    """The invoice re-read from Procore; overrides and coding are ours and stay (product rule 4)."""
    kept = keep_coding(invoice.content, content) if invoice.content else content
    return filled(invoice, kept, source, warnings)


def is_not_rechecked(invoice: Invoice) -> bool:
    """Whether a re-check with Procore is still owed (product rule 7)."""
    return any(warned.code == NOT_RECHECKED.code for warned in invoice.warnings)


def rechecked(invoice: Invoice) -> Invoice:
    """The invoice after Procore was asked again."""
    kept = tuple(warned for warned in invoice.warnings if warned.code != NOT_RECHECKED.code)
    return invoice.model_copy(update={"warnings": kept})


def processed(invoice: Invoice, ledger: LedgerReference, by: str, now: datetime) -> Invoice:
    """The invoice handed over to the ledger, one revision higher."""
    changes = {
        "status": "processed",
        "revision": invoice.revision + 1,
        "ledger": ledger,
        "processed_at": now,
        "processed_by": by,
    }
    return invoice.model_copy(update=changes)


def announcement(vault_id: str, invoice: Invoice) -> InvoiceProcessed:
    """The public event of a processed invoice; a vendor code given on the invoice wins over the map's."""
    if invoice.content is None or invoice.source is None:
        raise ValueError("Only an AP invoice with content and source can be announced.")
    header = invoice.content.header
    code = (
        invoice.ledger.ledger_vendor_code or invoice.overrides.ledger_vendor_code or header.vendor.ledger_code
    )
    vendor = header.vendor.model_copy(update={"ledger_code": code})
    return InvoiceProcessed(
        vault_id=vault_id,
        invoice_id=invoice.id,
        revision=invoice.revision,
        header=header.model_copy(update={"vendor": vendor}),
        lines=invoice.content.lines,
        overrides=invoice.overrides,
        source=invoice.source,
        warnings=invoice.warnings,
    )
