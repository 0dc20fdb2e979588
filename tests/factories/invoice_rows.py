"""AP invoices as payment-backfiller keeps them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from drawbridge.payment_backfiller.domain.numbers import invoice_keys, vendor_key
from drawbridge.payment_backfiller.store.tables import InvoiceRow

TOLD_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def invoice_row(
    invoice_id: UUID, vendor_code: str | None = "V-1", invoice_number: str | None = "7", **changes: object
) -> InvoiceRow:
    """An imported AP invoice of 100 USD, found by its keys; the members of ``changes`` are different."""
    members: dict[str, Any] = {
        "vault_id": "main",
        "version": 1,
        "told_at": TOLD_AT,
        "imported": True,
        "project_id": 1,
        "commitment_id": 2,
        "requisition_id": 3,
        "vendor_code": vendor_code,
        "vendor_key": vendor_key(vendor_code),
        "invoice_number": invoice_number,
        "match_keys": invoice_keys(vendor_code, invoice_number),
        "net_due": Decimal(100),
        "retainage_held": Decimal(0),
        "currency": "USD",
        "told_by": uuid5(invoice_id, "event"),
        "changed_at": TOLD_AT,
    }
    return InvoiceRow(id=invoice_id, **members | changes)
