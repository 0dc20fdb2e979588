"""What a reconciliation gave to bills beside payments: entries at the bank, write-offs, credit memos."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from drawbridge.ledgers.facts import Unreadable
from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.tryton.gathering import Gathered
from drawbridge.ledgers.tryton.names import PAYMENT, debit, move_id, origin, reconciliation_id, stamp
from drawbridge.ledgers.tryton.rows import allocation_row, signed_amount

_GROUPED = "its lines were grouped with others into one entry, so what was paid on it cannot be told"


def settlement_rows(found: Gathered) -> Iterator[Raw]:
    """The rows of what payments leave of each reconciliation.

    It balances, so what bills lack after payments came from something else. Money at the bank is cash, a
    write-off is a discount, all the rest is credit. A credit memo that was applied gives a negative credit to
    itself.
    """
    for reconciliation in found.reconciliations.values():
        lines = _lines(found, reconciliation)
        if _delegated(found, reconciliation):
            continue
        owed = _owed(found, lines)
        others = [line for line in lines if _is_other(found, line)]
        yield from _bank_entries(found, reconciliation, owed, others)
        yield from _without_cash(found, reconciliation, owed, others)


def grouped_bills(found: Gathered) -> Iterator[Unreadable]:
    """Bills of which nobody can say how much of the group was theirs."""
    for reconciliation in found.reconciliations.values():
        if _delegated(found, reconciliation):
            for line in _lines(found, reconciliation):
                if line["move"] in found.owners:
                    bill = str(found.owners[line["move"]])
                    yield Unreadable("bill", bill, _GROUPED, (bill,))


def _lines(found: Gathered, reconciliation: Raw) -> list[Raw]:
    return [line for line in found.lines.values() if line["reconciliation"] == reconciliation["id"]]


def _delegated(found: Gathered, reconciliation: Raw) -> bool:
    """Whether it only moved the debt to a line that belongs to no bill."""
    line = reconciliation["delegate_to"]
    return line is not None and found.delegates[line] not in found.owners


def _owed(found: Gathered, lines: list[Raw]) -> dict[int, Decimal]:
    """What each bill in it owes after its payments, by id."""
    owed: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["move"] in found.owners:
            owed[found.owners[line["move"]]] -= debit(line)
        elif (bill := found.paid_by(line)) is not None:
            owed[bill] -= debit(line)
    ids = {line["id"] for line in lines}
    for payment in found.payments.values():
        if payment["line"] in ids and payment["state"] == "succeeded":
            owed[found.owners[payment["line."]["move"]]] -= signed_amount(payment) or Decimal(0)
    return {bill: owed[bill] for bill in sorted(owed) if bill in found.bills}


def _is_other(found: Gathered, line: Raw) -> bool:
    """Whether a line is neither a bill's nor a payment's."""
    return (
        line["move"] not in found.owners
        and found.paid_by(line) is None
        and origin(found.moves[line["move"]], PAYMENT) is None
    )


def _bank_entries(
    found: Gathered, reconciliation: Raw, owed: dict[int, Decimal], others: list[Raw]
) -> Iterator[Raw]:
    for line in others:
        move = found.moves[line["move"]]
        if move["journal."]["type"] != "cash":
            continue
        for bill, part in _shares(owed, debit(line)):
            yield allocation_row(
                found.bills[bill],
                move_id(move["id"]),
                number=move["number"],
                date=move["date"],
                changed_at=stamp(reconciliation),
                bank_account=move["journal."]["name"],
                cash=part,
            )


def _without_cash(
    found: Gathered, reconciliation: Raw, owed: dict[int, Decimal], others: list[Raw]
) -> Iterator[Raw]:
    written_off = [debit(line) for line in others if _is_write_off(found, line)]
    discounts = dict(_shares(owed, sum(written_off, Decimal(0))))
    memos = [found.bills[bill]["reference"] for bill, left in owed.items() if left < 0]
    for bill in sorted({bill for bill, left in owed.items() if left} | discounts.keys()):
        yield allocation_row(
            found.bills[bill],
            reconciliation_id(reconciliation["id"]),
            number=", ".join(filter(None, memos)) or None,
            date=reconciliation["date"],
            changed_at=stamp(reconciliation),
            discount=discounts.get(bill, Decimal(0)),
            credit=owed[bill],
        )


def _is_write_off(found: Gathered, line: Raw) -> bool:
    kind: str = found.moves[line["move"]]["journal."]["type"]
    return kind == "write-off"


def _shares(owed: dict[int, Decimal], amount: Decimal) -> Iterator[tuple[int, Decimal]]:
    """Give an amount to the bills that still owe, in order, and take it off what they owe."""
    for bill, left in owed.items():
        part = min(left, amount)
        if part > 0:
            amount -= part
            owed[bill] = left - part
            yield bill, part
