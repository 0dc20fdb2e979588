"""AP invoices for tests of the contracts."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from drawbridge.contracts.invoices import Invoice, InvoiceContent, InvoiceHeader, InvoiceSource
from drawbridge.contracts.procore_invoices import Commitment, InvoiceStatus, Vendor

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def blank_invoice(invoice_id: UUID) -> Invoice:
    """One that a person has just begun."""
    return Invoice(id=invoice_id, created_at=NOW, created_by="kim")


def imported_invoice(invoice_id: UUID, status: InvoiceStatus = "unprocessed") -> Invoice:
    """One that came from Procore."""
    header = InvoiceHeader(
        vendor=Vendor(id=4, name="Acme"),
        commitment=Commitment(id=3),
        project_id=2,
        currency="USD",
        gross=Decimal(100),
        retainage_held=Decimal(10),
        retainage_released=Decimal(0),
        tax=Decimal(0),
        net_due=Decimal(90),
    )
    source = InvoiceSource(
        company_id=7,
        project_id=2,
        commitment_id=3,
        requisition_id=5,
        updated_at=NOW,
        content_hash="c1",
        imported_by="kim",
        imported_at=NOW,
        how="manual",
    )
    return Invoice(
        id=invoice_id,
        status=status,
        content=InvoiceContent(header=header),
        source=source,
        created_at=NOW,
        created_by="kim",
    )
