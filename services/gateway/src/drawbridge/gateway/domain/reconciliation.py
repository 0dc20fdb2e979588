"""Paid in the ledger against issued in Procore, and why they differ (product: Payments)."""

from collections.abc import Mapping
from decimal import Decimal

CAUSES = {
    "needs_hand": "Procore refused {count} of our contract payments; they need a hand in Procore.",
    "sending": "{count} answers of Procore are still owed.",
    "planned": "{count} contract payments are not written yet.",
    "covered_by_foreign": "{count} payments were typed into Procore by hand and are not ours.",
    "not_needed": "{count} payments need no contract payment (before go-live, or no cash).",
}


def cause(difference: Decimal, states: Mapping[str, int]) -> str:
    """One sentence for each kind of payment that explains the difference; empty when there is none."""
    if not difference:
        return ""
    sentences = [text.format(count=states[state]) for state, text in CAUSES.items() if states.get(state)]
    return " ".join(sentences) or "Amounts in Procore differ from the ledger; the next run corrects them."
