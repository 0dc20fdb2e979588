"""A Procore invoice becomes the content of an AP invoice (product, "Invoice content").

Amounts are those of *this* invoice, never to date: retainage held and released are the sums of the items'
``…retained_this_period`` and ``…released_this_period`` members.
"""

from dataclasses import dataclass
from datetime import date
from typing import cast

from drawbridge.contracts.invoices import Attachment, InvoiceContent, InvoiceHeader, InvoiceType, Warned
from drawbridge.contracts.procore_invoices import Commitment, Vendor
from drawbridge.import_service.domain.amounts import ZERO, AmountReader
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.control_totals import control_totals
from drawbridge.import_service.domain.line_mapping import map_lines
from drawbridge.procore import Requisition, Summary

_TYPES = frozenset({"progress", "retainage_release", "progress_and_retainage_release"})
_CURRENCY_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an invoice refers to and does not hold itself; ``currency`` is used where Procore names none."""

    project_id: int
    project_name: str
    project_number: str
    commitment: Commitment
    vendor: Vendor
    currency: str
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """The content, and what a person should know about it."""

    content: InvoiceContent
    warnings: tuple[Warned, ...]


def currency_of(requisition: Requisition, default: str) -> str:
    """The invoice's own ISO 4217 code, else the vault's."""
    named = requisition.currency_configuration
    code = (named.currency_iso_code or "").strip().upper() if named else ""
    return code if len(code) == _CURRENCY_LENGTH and code.isalpha() else default


def map_invoice(requisition: Requisition, around: Surroundings) -> Mapped:
    """Map one fetched invoice (view ``extended``).

    Raises:
        UnreadableInvoice: naming the member that cannot be read, and what stood there.
    """
    amounts = AmountReader(currency_of(requisition, around.currency))
    if requisition.items is None:
        raise UnreadableInvoice("items", "nothing", "the invoice's lines")
    lines = map_lines(requisition.items, amounts)
    summary = requisition.summary or Summary()
    header = _header(requisition, around).model_copy(
        update={
            "gross": sum((line.work_this_period + line.materials_stored for line in lines), ZERO),
            "retainage_held": sum((line.retainage_held for line in lines), ZERO),
            "retainage_released": sum((line.retainage_released for line in lines), ZERO),
            "tax": amounts.amount(
                summary.tax_applicable_to_this_payment, "summary.tax_applicable_to_this_payment"
            ),
            "net_due": amounts.required(summary.current_payment_due, "summary.current_payment_due"),
        }
    )
    content = InvoiceContent(header=header, lines=lines)
    mismatches = control_totals(summary, content, amounts)
    return Mapped(content, (*amounts.warnings(), *mismatches))


def _header(requisition: Requisition, around: Surroundings) -> InvoiceHeader:
    """The header without its amounts."""
    invoice_type = (requisition.invoice_type or "progress").strip()
    if invoice_type not in _TYPES:
        raise UnreadableInvoice("invoice_type", repr(invoice_type), " or ".join(sorted(_TYPES)))
    return InvoiceHeader(
        vendor=around.vendor,
        commitment=around.commitment,
        project_id=around.project_id,
        project_name=around.project_name,
        project_number=around.project_number,
        invoice_number=(requisition.invoice_number or "").strip() or None,
        application_number=requisition.number,
        invoice_type=cast("InvoiceType", invoice_type),
        period_start=requisition.requisition_start,
        period_end=requisition.requisition_end,
        billing_date=requisition.billing_date,
        due_date=around.due_date,
        currency=currency_of(requisition, around.currency),
        gross=ZERO,
        retainage_held=ZERO,
        retainage_released=ZERO,
        tax=ZERO,
        net_due=ZERO,
        final=bool(requisition.final),
        attachments=_attachments(requisition),
    )


def _attachments(requisition: Requisition) -> tuple[Attachment, ...]:
    """Metadata only; the address is short-lived and never stored."""
    return tuple(
        Attachment(id=each.id, filename=each.filename or "", content_type=each.content_type or "")
        for each in requisition.attachments or ()
        if each.id
    )
