"""What should stand in Procore for one allocation (product, Payments)."""

import datetime as dt
from dataclasses import dataclass

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import PaymentMethod
from drawbridge.contracts.values import Amount, ProcoreId, Value
from drawbridge.payment_backfiller.domain.allocation import Allocation, notes_of


class Draft(Value):
    """Our contract payment as Procore should show it; ``amount`` is the cash allocated.

    Only the offset of a row that Procore shows without its requisition has none.
    """

    amount: Amount
    date: dt.date
    check_number: str | None = None
    method: PaymentMethod
    invoice_number: str | None = None
    requisition_id: ProcoreId | None
    notes: str


@dataclass(frozen=True, slots=True)
class Payee:
    """The AP invoice that the allocation's bill is tied to, as far as a contract payment needs it."""

    requisition_id: int
    invoice_number: str | None
    currency: str


@dataclass(frozen=True, slots=True)
class Decision:
    """``draft``: it should stand; none: it should not, ``note`` says why; ``problem``: a person decides."""

    draft: Draft | None = None
    note: str = ""
    problem: Problem | None = None


def decide(
    allocation: Allocation,
    payee: Payee | None,
    *,
    payments_from: dt.date | None,
    written: bool,
    dismissed: str = "",
) -> Decision:
    """Decide from the ledger's facts, and ``dismissed``: why a person wants none.

    ``written`` keeps what was written before go-live moved.
    """
    if dismissed:
        return Decision(note=f"Dismissed: {dismissed}")
    if payee is None:
        return Decision()
    reason = _reason_not_to_write(allocation, payments_from, written=written)
    if reason:
        return Decision(note=reason)
    if allocation.currency != payee.currency:
        return Decision(problem=_currencies_differ(allocation, payee))
    return Decision(draft=_draft(allocation, payee))


def _reason_not_to_write(allocation: Allocation, payments_from: dt.date | None, *, written: bool) -> str:
    if allocation.voided:
        return _void_words(allocation)
    if not allocation.posted:
        return "Not posted in the ledger yet."
    if payments_from is not None and allocation.date < payments_from and not written:
        return f"Before go-live: payments are carried from {payments_from} on."
    return "" if allocation.cash else f"No cash: {_cashless_words(allocation)}."


def _draft(allocation: Allocation, payee: Payee) -> Draft:
    return Draft(
        amount=allocation.cash,
        date=allocation.date,
        check_number=allocation.number if allocation.method == "check" else None,
        method=allocation.method,
        invoice_number=payee.invoice_number,
        requisition_id=payee.requisition_id,
        notes=notes_of(allocation),
    )


def _void_words(allocation: Allocation) -> str:
    if allocation.gone:
        return "Voided: the ledger no longer has this payment for the bill."
    if allocation.payment_voided:
        return "Voided: the ledger marks the payment as void."
    return "Voided: the ledger's rows for this payment and bill cancel each other."


def _cashless_words(allocation: Allocation) -> str:
    parts = []
    if allocation.discount:
        parts.append(f"discount {allocation.discount:.2f}")
    if allocation.credit:
        parts.append(f"credit {allocation.credit:.2f}")
    return " and ".join(parts)


def _currencies_differ(allocation: Allocation, payee: Payee) -> Problem:
    return Problem(
        code="currency_differs",
        message=f"The ledger paid in {allocation.currency}, the invoice is in {payee.currency}.",
        advice="Enter the payment in Procore by hand, in the commitment's currency.",
    )
