"""The life of an AP invoice: blank, filled from Procore, refreshed, processed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from drawbridge.contracts import actions
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.invoices import (
    Invoice,
    InvoiceContent,
    InvoiceProcessed,
    InvoiceSource,
    LedgerReference,
    LineCoding,
    Overrides,
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


def reopened(invoice: Invoice) -> Invoice:
    """A processed invoice that is changed again; its revision stays until it is handed over anew."""
    return invoice.model_copy(update={"status": "unprocessed", "processed_at": None, "processed_by": None})


def coded(invoice: Invoice, overrides: Overrides, codings: Mapping[int, LineCoding]) -> Invoice:
    """The invoice with what people set: overrides, and the coding of some lines by Procore's line id.

    Raises:
        Refused: ``no_such_line``.
    """
    lines = invoice.content.lines if invoice.content else ()
    unknown = codings.keys() - {line.procore_line_id for line in lines}
    if unknown:
        raise Refused("no_such_line", f"This AP invoice has no line {min(unknown)}.", "Read its lines again.")
    changed = tuple(
        line.model_copy(update={"coding": codings.get(line.procore_line_id, line.coding)}) for line in lines
    )
    content = invoice.content.model_copy(update={"lines": changed}) if invoice.content else None
    return invoice.model_copy(update={"overrides": overrides, "content": content})


def with_vendor_code(invoice: Invoice, code: str | None) -> Invoice:
    """The invoice with its vendor's code as the vendor map now has it."""
    if invoice.content is None:
        return invoice
    header = invoice.content.header
    vendor = header.vendor.model_copy(update={"ledger_code": code})
    content = invoice.content.model_copy(update={"header": header.model_copy(update={"vendor": vendor})})
    return invoice.model_copy(update={"content": content})


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
