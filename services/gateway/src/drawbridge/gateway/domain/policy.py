"""What of a vault's settings decides actions."""

from drawbridge.contracts.actions import OpenInvoice, Policy
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.vaults import VaultSettings


def policy_of(settings: VaultSettings) -> Policy:
    """The settings that `drawbridge.contracts.actions` asks for."""
    return Policy(settings.accepted_statuses, settings.automated_import, settings.active)


def opened(invoice: Invoice | None) -> OpenInvoice | None:
    """The AP invoice that the user has open, as actions see it."""
    return OpenInvoice(invoice.id, invoice.blank, invoice.status) if invoice else None
