"""Paid in the ledger against issued in Procore, and why they differ (product: Payments).

The causes of one commitment add up to its difference, to the cent; its notes say what closed bills without
cash, which is why the cash paid is less than the invoices' net due.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState, OthersPayment
from drawbridge.contracts.payments import WriteState
from drawbridge.contracts.values import Amount, Value

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """The allocations of one commitment that stand alike; ``cash`` of voided ones is zero."""

    state: WriteState
    voided: bool
    count: int
    cash: Decimal
    issued: Decimal
    discount: Decimal = ZERO
    credit: Decimal = ZERO


class Cause(Value):
    """Why paid and issued differ, by how much, and over how many payments."""

    code: str
    amount: Amount
    count: int
    text: str


class Balance(Value):
    """One commitment. ``issued`` is what Procore shows, ours and others'; ``compared_at``: read when."""

    project_id: int | None
    commitment_id: int
    paid: Amount
    issued: Amount
    difference: Amount
    causes: tuple[Cause, ...]
    notes: tuple[Cause, ...]
    cause: str
    compared_at: datetime | None


_TEXTS = {
    "void_pending": "{count} voided payments are not removed from Procore yet.",
    "refused": "Procore refused {count} of our contract payments; they need a hand in Procore.",
    "resolved_by_hand": "{count} payments were settled in Procore by a person.",
    "not_written_yet": "{count} contract payments are not written yet.",
    "not_carried": "{count} payments are not carried (before go-live or dismissed).",
    "changing": "{count} contract payments show another amount than the ledger; the next run corrects them.",
    "covered_by_foreign": "{count} payments were typed into Procore by hand with another amount.",
    "foreign": "{count} contract payments in Procore are not from Drawbridge.",
    "orphan": "{count} contract payments bear a mark of ours, but no payment that we know belongs to them.",
    "unexplained": "Procore was changed since it was last read; the next comparison tells.",
    "discount": "Discounts close bills without cash.",
    "credit": "Credits close bills without cash.",
    "retainage": "The ledger still holds retainage on the bills.",
    "offset": "{count} voided payments are locked in Procore; each stands there beside its offset.",
}

_CODES: dict[WriteState, str] = {
    "planned": "not_written_yet",
    "sending": "not_written_yet",
    "needs_hand": "refused",
    "resolved": "resolved_by_hand",
    "not_needed": "not_carried",
    "written": "changing",
    "covered_by_foreign": "covered_by_foreign",
    "removed": "void_pending",
    "offset": "void_pending",
}


def balance(
    commitment_id: int,
    project_id: int | None,
    parts: Sequence[Part],
    retainage: Decimal,
    shown: CommitmentPaymentsState | None,
) -> Balance:
    """Compare one commitment; without a listing yet, what we believe to have written counts as issued."""
    paid = sum((part.cash for part in parts), ZERO)
    issued = shown.ours + shown.others if shown else sum((part.issued for part in parts), ZERO)
    found = [*_of_ours(parts), *(_of_others(shown.payments) if shown else ())]
    causes = _merged(found, paid - issued)
    notes = _notes(parts, retainage)
    return Balance(
        project_id=project_id,
        commitment_id=commitment_id,
        paid=paid,
        issued=issued,
        difference=paid - issued,
        causes=causes,
        notes=notes,
        cause=" ".join(each.text for each in (*causes, *notes)),
        compared_at=shown.listed_at if shown else None,
    )


def _of_ours(parts: Iterable[Part]) -> Iterable[tuple[str, Decimal, int]]:
    for part in parts:
        code = "void_pending" if part.voided and part.state != "needs_hand" else _CODES[part.state]
        yield code, part.cash - part.issued, part.count


def _of_others(payments: Iterable[OthersPayment]) -> Iterable[tuple[str, Decimal, int]]:
    for each in payments:
        if each.covers is not None:
            yield "covered_by_foreign", -(each.amount or ZERO), 0
        else:
            yield each.kind, -(each.amount or ZERO), 1


def _merged(found: Iterable[tuple[str, Decimal, int]], difference: Decimal) -> tuple[Cause, ...]:
    """One cause for each code that moves money, and what is left as unexplained."""
    sums: dict[str, tuple[Decimal, int]] = {}
    for code, amount, count in found:
        known = sums.get(code, (ZERO, 0))
        sums[code] = known[0] + amount, known[1] + count
    left = difference - sum((amount for amount, _ in sums.values()), ZERO)
    sums["unexplained"] = left, 1
    return tuple(_cause(code, *sums[code]) for code in _TEXTS if code in sums and sums[code][0])


def _notes(parts: Sequence[Part], retainage: Decimal) -> tuple[Cause, ...]:
    live = [part for part in parts if not part.voided]
    amounts = {
        "discount": sum((part.discount for part in live), ZERO),
        "credit": sum((part.credit for part in live), ZERO),
        "retainage": retainage,
    }
    count = sum(part.count for part in live)
    notes = [_cause(code, amount, count) for code, amount in amounts.items() if amount]
    offset = sum(part.count for part in parts if part.state == "offset")
    return (*notes, _cause("offset", ZERO, offset)) if offset else tuple(notes)


def _cause(code: str, amount: Decimal, count: int) -> Cause:
    return Cause(code=code, amount=amount, count=count, text=_TEXTS[code].format(count=count))
