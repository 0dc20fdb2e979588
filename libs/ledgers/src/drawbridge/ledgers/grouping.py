"""From the ledger's rows to payments: reversals find their payment, rows of one pair are summed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter

from drawbridge.ledgers.facts import Allocation, LedgerPayment, PaymentFacts, PaymentState
from drawbridge.ledgers.rows import PaymentRow

type _Settled = tuple[str | None, str, Decimal, Decimal, Decimal]

_NEVER = datetime.min.replace(tzinfo=UTC)
_date = attrgetter("date")


def payments_from(rows: Iterable[PaymentRow]) -> list[PaymentFacts]:
    """Return one entry per payment, in the order of `in_order`."""
    grouped: defaultdict[str, list[PaymentRow]] = defaultdict(list)
    for row in adopt_reversals(list(rows)):
        grouped[row.payment_id].append(row)
    return in_order([_payment(group) for group in grouped.values()])


def in_order(facts: Iterable[PaymentFacts]) -> list[PaymentFacts]:
    """Oldest change first (unstamped ones before all), then by id."""
    return sorted(facts, key=lambda entry: (entry.payment.changed_at or _NEVER, entry.payment.id))


def adopt_reversals(rows: Sequence[PaymentRow]) -> list[PaymentRow]:
    """Give each reversing row the payment that it takes back; gives all rows, the earliest first.

    Some ledgers void a check under a new payment id: the same vendor and number, the same bill, the opposite
    amounts, the same day or later. Such a row joins the latest payment that fits, each payment row once.
    A reversing row that fits none stays a negative payment of its own (a refund, say).
    """
    by_date = sorted(rows, key=_date)
    if not any(row.reverses for row in rows):
        return by_date
    paying = [row for row in rows if not row.reverses]
    given = {(row.payment_id, row.bill_id) for row in paying}
    reversible: defaultdict[_Settled, list[PaymentRow]] = defaultdict(list)
    for row in paying:
        if row.reversal_key is not None:
            reversible[_settled(row)].append(row)
    adopted: list[PaymentRow] = []
    for row in by_date:
        if row.reverses and (row.payment_id, row.bill_id) not in given:
            adopted.append(_adopted(row, reversible.get(_settled(row, -1), [])))
        else:
            adopted.append(row)
    return adopted


def _settled(row: PaymentRow, sign: int = 1) -> _Settled:
    """What a row and the one that takes it back have in common; the latter's amounts are the opposite."""
    return (row.reversal_key, row.bill_id, sign * row.cash, sign * row.discount, sign * row.credit)


def _adopted(reversal: PaymentRow, candidates: list[PaymentRow]) -> PaymentRow:
    """The row under the payment that it takes back, which is no candidate for another one then."""
    fitting = (row for row in candidates if row.date <= reversal.date)
    original = max(fitting, key=_date, default=None)
    if original is None:
        return reversal
    candidates.remove(original)
    return reversal._replace(payment_id=original.payment_id)


def _payment(rows: Sequence[PaymentRow]) -> PaymentFacts:
    first = rows[0]
    original = next((row for row in rows if not row.reverses), first) if first.reverses else first
    allocations = _allocations(rows)
    payment = LedgerPayment(
        original.payment_id,
        original.number,
        original.date,
        original.method,
        original.bank_account,
        original.currency,
        _state(rows, allocations),
        original.vendor_code,
        original.payee,
        original.joint_payee,
        max([row.changed_at for row in rows if row.changed_at is not None], default=None),
    )
    return PaymentFacts(payment, allocations)


def _allocations(rows: Sequence[PaymentRow]) -> tuple[Allocation, ...]:
    by_bill: dict[str, Allocation] = {}
    for row in rows:
        told = Allocation(row.payment_id, row.bill_id, row.cash, row.discount, row.credit, row.currency)
        known = by_bill.get(row.bill_id)
        by_bill[row.bill_id] = told if known is None else _sum(known, told)
    return tuple([by_bill[bill_id] for bill_id in sorted(by_bill)])


def _sum(known: Allocation, more: Allocation) -> Allocation:
    return known._replace(
        cash=known.cash + more.cash,
        discount=known.discount + more.discount,
        credit=known.credit + more.credit,
    )


def _state(rows: Sequence[PaymentRow], allocations: Sequence[Allocation]) -> PaymentState:
    """A payment whose reversals leave nothing is voided, even if the ledger keeps calling it posted."""
    for entry in allocations:
        if entry.cash or entry.discount or entry.credit:
            return rows[0].state
    return "voided" if any(row.reverses for row in rows) else rows[0].state
