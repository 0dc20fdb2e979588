"""Amounts as people read them."""

from decimal import Decimal

CENT = Decimal("0.01")


def tidy(amount: Decimal) -> Decimal:
    """The same amount with two decimals, or more where it really has them (columns hold four)."""
    cents = amount.quantize(CENT)
    return cents if cents == amount else amount.normalize()
