"""A listed or fetched Procore invoice as the grid sees it; one bad amount never hides a row."""

from decimal import Decimal

from drawbridge.contracts.procore_invoices import Commitment, CommitmentKind, Vendor
from drawbridge.import_service.domain.amounts import AmountReader
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.content_hash import content_hash
from drawbridge.import_service.domain.grid_row import Seen
from drawbridge.import_service.domain.line_mapping import map_lines
from drawbridge.import_service.domain.mapping import Surroundings, currency_of
from drawbridge.procore import Requisition


def seen(requisition: Requisition, around: Surroundings, company_id: int) -> Seen:
    """The members of the row that come from Procore."""
    currency = currency_of(requisition, around.currency)
    return Seen(
        company_id=company_id,
        project_id=around.project_id,
        project_name=around.project_name,
        requisition_id=requisition.id,
        commitment=around.commitment,
        vendor=around.vendor,
        number=requisition.number,
        invoice_number=(requisition.invoice_number or "").strip() or None,
        billing_date=requisition.billing_date,
        net_due=_net_due(requisition, currency),
        retainage=_retainage(requisition, currency),
        currency=currency,
        procore_status=(requisition.status or "unknown").strip(),
        procore_created_at=requisition.created_at,
        procore_updated_at=requisition.updated_at,
        content_hash=content_hash(requisition),
        exported_elsewhere=bool(
            (requisition.erp_status or "").strip() or (requisition.origin_id or "").strip()
        ),
        complete=requisition.items is not None,
    )


def commitment_of(requisition: Requisition, number: str | None, title: str | None) -> Commitment:
    """The commitment as the invoice and the list of commitments tell it."""
    kind: CommitmentKind = (
        "purchase_order" if requisition.commitment_type == "PurchaseOrderContract" else "subcontract"
    )
    if not requisition.commitment_id or requisition.commitment_id < 1:
        raise UnreadableInvoice("commitment_id", "nothing", "the id of a commitment")
    return Commitment(
        id=requisition.commitment_id,
        number=number or "",
        title=title or requisition.contract_name or "",
        kind=kind,
    )


def vendor_of(requisition: Requisition, ledger_code: str | None) -> Vendor:
    """The vendor as the invoice names it, with its code in the ledger if the vendor map knows one."""
    return Vendor(id=requisition.vendor_id, name=requisition.vendor_name or "", ledger_code=ledger_code)


def _net_due(requisition: Requisition, currency: str) -> Decimal | None:
    if requisition.summary is None:
        return None
    try:
        return AmountReader(currency).optional(requisition.summary.current_payment_due, "current_payment_due")
    except UnreadableInvoice:
        return None


def _retainage(requisition: Requisition, currency: str) -> Decimal | None:
    """What this invoice holds; needs the lines, which the view ``extended`` has."""
    if requisition.items is None:
        return None
    try:
        lines = map_lines(requisition.items, AmountReader(currency))
    except UnreadableInvoice:
        return None
    return sum((line.retainage_held for line in lines), Decimal(0))
