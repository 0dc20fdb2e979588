"""Answers of no that several use cases give in the same words."""

from drawbridge.contracts.errors import Refused


def no_queue_document() -> Refused:
    """The answer about a queue document that is gone."""
    return Refused(
        "no_queue_document",
        "This queue document does not exist any more.",
        "Look for the invoice in the grid: it may already have its AP invoice.",
    )


def no_invoice() -> Refused:
    """The answer about an AP invoice that the vault does not have."""
    return Refused("no_invoice", "This AP invoice does not exist.", "Check the vault and the id.")
