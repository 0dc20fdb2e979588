"""From the ledger's rows to payments: reversals find their payment, rows of one pair are summed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from drawbridge.ledgers.facts import Allocation, LedgerPayment, PaymentFacts, PaymentState
from drawbridge.ledgers.rows import PaymentRow


def payments_from(rows: Iterable[PaymentRow]) -> list[PaymentFacts]:
    """Return one entry per payment, oldest change first (unstamped ones before all), then by id."""
    grouped: defaultdict[str, list[PaymentRow]] = defaultdict(list)
    for row in adopt_reversals(list(rows)):
        grouped[row.payment_id].append(row)
    facts = [_payment(group) for group in grouped.values()]
    return sorted(facts, key=lambda entry: (_stamp(entry.payment), entry.payment.id))


def adopt_reversals(rows: Sequence[PaymentRow]) -> list[PaymentRow]:
    """Give each reversing row the payment that it takes back.

    Some ledgers void a check under a new payment id: the same vendor and number, the same bill, the opposite
    amounts, the same day or later. Such a row joins the latest payment that fits, each payment row once.
    A reversing row that fits none stays a negative payment of its own (a refund, say).
    """
    given = {(row.payment_id, row.bill_id) for row in rows if not row.reverses}
    taken: set[int] = set()
    adopted: list[PaymentRow] = []
    for row in sorted(rows, key=lambda candidate: candidate.date):
        original = None
        if row.reverses and (row.payment_id, row.bill_id) not in given:
            original = _original(row, rows, taken)
        if original is None:
            adopted.append(row)
            continue
        taken.add(original)
        adopted.append(replace(row, payment_id=rows[original].payment_id))
    return adopted


def _original(reversal: PaymentRow, rows: Sequence[PaymentRow], taken: set[int]) -> int | None:
    fitting = [
        index
        for index, row in enumerate(rows)
        if index not in taken and reversal.reversal_key is not None and _is_reversed_by(row, reversal)
    ]
    return max(fitting, key=lambda index: rows[index].date, default=None)


def _is_reversed_by(row: PaymentRow, reversal: PaymentRow) -> bool:
    return (
        not row.reverses
        and row.reversal_key == reversal.reversal_key
        and row.bill_id == reversal.bill_id
        and row.date <= reversal.date
        and (row.cash, row.discount, row.credit) == (-reversal.cash, -reversal.discount, -reversal.credit)
    )


def _payment(rows: Sequence[PaymentRow]) -> PaymentFacts:
    original = next((row for row in rows if not row.reverses), rows[0])
    allocations = _allocations(rows)
    stamps = [row.changed_at for row in rows if row.changed_at is not None]
    payment = LedgerPayment(
        id=original.payment_id,
        number=original.number,
        date=original.date,
        method=original.method,
        bank_account=original.bank_account,
        currency=original.currency,
        state=_state(rows, allocations),
        vendor_code=original.vendor_code,
        payee=original.payee,
        joint_payee=original.joint_payee,
        changed_at=max(stamps, default=None),
    )
    return PaymentFacts(payment, allocations)


def _allocations(rows: Sequence[PaymentRow]) -> tuple[Allocation, ...]:
    by_bill: defaultdict[str, list[PaymentRow]] = defaultdict(list)
    for row in rows:
        by_bill[row.bill_id].append(row)
    return tuple(
        Allocation(
            payment_id=group[0].payment_id,
            bill_id=bill_id,
            cash=sum((row.cash for row in group), Decimal(0)),
            discount=sum((row.discount for row in group), Decimal(0)),
            credit=sum((row.credit for row in group), Decimal(0)),
            currency=group[0].currency,
        )
        for bill_id, group in sorted(by_bill.items())
    )


def _state(rows: Sequence[PaymentRow], allocations: Sequence[Allocation]) -> PaymentState:
    """A payment whose reversals leave nothing is voided, even if the ledger keeps calling it posted."""
    nothing_left = all(entry.cash == entry.discount == entry.credit == 0 for entry in allocations)
    if nothing_left and any(row.reverses for row in rows):
        return "voided"
    return rows[0].state


def _stamp(payment: LedgerPayment) -> float:
    return payment.changed_at.timestamp() if payment.changed_at else 0.0
