"""Most payments are plain: they become facts column by column. The others are grouped with care."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from drawbridge.ledgers.facts import Allocation, LedgerPayment, PaymentFacts
from drawbridge.ledgers.grouping import in_order, payments_from
from drawbridge.ledgers.rows import PaymentColumns


def payments_of(rows: PaymentColumns) -> list[PaymentFacts]:
    """Return what `payments_from` makes of the rows, in a fraction of its time.

    A payment is plain where nothing reverses, all rows say the same of it, and no bill comes twice.
    """
    headers = dict.fromkeys(
        zip(
            rows.payment_id,
            rows.number,
            rows.date,
            rows.method,
            rows.bank_account,
            rows.currency,
            rows.state,
            rows.vendor_code,
            rows.payee,
            rows.joint_payee,
            rows.changed_at,
            strict=True,
        )
    )
    odd = _odd(rows, [header[0] for header in headers])
    payments = [LedgerPayment(*header) for header in headers if header[0] not in odd]
    allocations: defaultdict[str, list[Allocation]] = defaultdict(list)
    told = map(
        Allocation, rows.payment_id, rows.bill_id, rows.cash, rows.discount, rows.credit, rows.currency
    )
    for each in told:
        allocations[each.payment_id].append(each)
    plain = [PaymentFacts(payment, tuple(sorted(allocations[payment.id]))) for payment in payments]
    careful = payments_from([row for row in rows.rows if row.payment_id in odd]) if odd else []
    return in_order([*plain, *careful])


def _odd(rows: PaymentColumns, told: Iterable[str]) -> set[str]:
    """The ids of the payments that need care; ``told`` has an id for each thing that is said of a payment."""
    several = _repeated(told)
    summed = {payment_id for payment_id, _ in _repeated(zip(rows.payment_id, rows.bill_id, strict=True))}
    return several | summed | _reversed(rows)


def _reversed(rows: PaymentColumns) -> set[str]:
    """Payments with a row that takes something back, and those that it may take back."""
    if all(min(amounts, default=0) >= 0 for amounts in (rows.cash, rows.discount, rows.credit)):
        return set()
    each = rows.rows
    keys = {row.reversal_key for row in each if row.reverses} - {None}
    return {row.payment_id for row in each if row.reverses or row.reversal_key in keys}


def _repeated[T](values: Iterable[T]) -> set[T]:
    return {value for value, count in Counter(values).items() if count > 1}
