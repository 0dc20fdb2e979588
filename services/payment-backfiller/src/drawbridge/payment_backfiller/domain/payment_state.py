"""What the ledger has paid of one AP invoice (product, Payments)."""

from dataclasses import dataclass
from decimal import Decimal

from drawbridge.contracts.payments import PaymentState

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The state, what it was measured against, and why that is not Procore's net due."""

    state: PaymentState
    payable: Decimal
    cause: str = ""


def payment_state(payable: Decimal, settled: Decimal) -> PaymentState:
    """Compare what was settled (cash + discount + credit) with what is payable; both may be negative."""
    if payable == settled:
        return "paid"
    if payable < ZERO:
        payable, settled = -payable, -settled
    if settled > payable:
        return "overpaid"
    return "partially_paid" if settled > ZERO else "unpaid"


def settlement(
    *, net_due: Decimal, bill_total: Decimal | None, bill_retainage: Decimal | None, settled: Decimal
) -> Settlement:
    """Payable = the tied bill's total less the retainage the ledger still holds on it; no bill: net due."""
    if bill_total is None:
        return Settlement(payment_state(net_due, settled), net_due)
    held = bill_retainage or ZERO
    payable = bill_total - held
    cause = ""
    if payable != net_due:
        retainage = f" less {held} retainage held there" if held else ""
        cause = f"The ledger's bill is {bill_total}{retainage}; Procore's net due is {net_due}."
    return Settlement(payment_state(payable, settled), payable, cause)
