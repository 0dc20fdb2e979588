"""The duplicate guard: same vendor and invoice number already in the vault (product, "Invoice content")."""

from drawbridge.contracts.invoices import InvoiceHeader, Warned
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.domain.content_errors import DuplicateInvoice

CODE = "duplicate_invoice_number"


def comparable_number(invoice_number: str | None) -> str | None:
    """The number as the guard compares it; blank numbers never compare."""
    return (invoice_number or "").strip().casefold() or None


def guard_duplicate(header: InvoiceHeader, settings: VaultSettings) -> Warned:
    """What a duplicate means to the vault: a warning.

    Raises:
        DuplicateInvoice: if the vault treats it as an error.
    """
    number = header.invoice_number or ""
    if settings.duplicate_guard == "error":
        raise DuplicateInvoice(header.vendor.name, number)
    words = f"This vault already has an invoice {number} of {header.vendor.name}."
    return Warned(code=CODE, message=words)
