"""What the clerk reads of Drawbridge's public event ``drawbridge.invoice.processed.v1``.

Only the members that a bill needs; all others are ignored, so that the event may grow.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

PROCESSED = "drawbridge.invoice.processed.v1"


class Vendor(BaseModel):
    """Who is paid; ``ledger_code`` is the vendor's code in this ledger, where it is known."""

    id: int | None = None
    name: str = ""
    ledger_code: str | None = None


class Header(BaseModel):
    """The invoice as a whole. Amounts in ``currency``."""

    vendor: Vendor
    project_number: str = ""
    invoice_number: str | None = None
    application_number: int | None = None
    billing_date: date | None = None
    due_date: date | None = None
    currency: str = "USD"
    net_due: Decimal


class Overrides(BaseModel):
    """What people added in Drawbridge; it goes before the header's own."""

    ledger_vendor_code: str | None = None
    due_date: date | None = None


class InvoiceProcessed(BaseModel):
    """One AP invoice, ready for the ledger. A higher ``revision`` replaces the bill."""

    vault_id: str
    invoice_id: str
    revision: int
    header: Header
    overrides: Overrides = Field(default_factory=Overrides)

    @property
    def vendor_code(self) -> str:
        """The ledger's vendor code; made up from Procore's id where nobody has given one."""
        known = self.overrides.ledger_vendor_code or self.header.vendor.ledger_code
        return known or f"P-{self.header.vendor.id or self.header.vendor.name}"

    @property
    def invoice_number(self) -> str:
        """The invoice number; a blank one is made up from the application number."""
        given = (self.header.invoice_number or "").strip()
        return given or f"APP-{self.header.application_number or 0}"
