"""Why the content of a Procore invoice cannot become an AP invoice: its row goes to ``error``."""

from drawbridge.contracts.errors import Refused


class ContentError(Refused):
    """The invoice itself is the problem; trying again without a change in Procore is pointless."""


class UnreadableInvoice(ContentError):
    """A member of the invoice cannot be read, or contradicts what it must be."""

    def __init__(self, field: str, found: str, wanted: str = "a number") -> None:
        super().__init__(
            "unreadable",
            f"Procore sent {found} where {field} should be {wanted}.",
            "Correct it in Procore, then reprocess.",
        )
        self.field = field


class DuplicateInvoice(ContentError):
    """The vault treats a second invoice with the same vendor and number as an error."""

    def __init__(self, vendor: str, invoice_number: str) -> None:
        super().__init__(
            "duplicate_invoice_number",
            f"This vault already has an invoice {invoice_number} of {vendor}.",
            "Correct the number in Procore, or let the vault only warn of duplicates; then reprocess.",
        )
