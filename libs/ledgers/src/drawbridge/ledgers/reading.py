"""From raw rows to facts, with what cannot be read set aside by its identity."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import Bill, PaymentFacts, Unreadable
from drawbridge.ledgers.grouping import payments_from
from drawbridge.ledgers.plain import payments_of
from drawbridge.ledgers.rows import PaymentRow, UnreadableRow, bills, payment_columns, payment_rows
from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.texts import NO_ID, text_of


@dataclass(frozen=True, slots=True)
class Read[T]:
    """What was understood, and what was not."""

    facts: Sequence[T]
    unreadable: Sequence[Unreadable]


def read_payments(raws: Sequence[Raw], zone: ZoneInfo, currency: str) -> Read[PaymentFacts]:
    """Group rows into payments; ``currency`` is that of rows that name none.

    One bad row makes its payment unreadable: a part is a wrong amount.

    A row that takes back an unreadable payment waits with it; alone it would look like a refund.
    """
    try:
        return Read(payments_of(payment_columns(raws, zone, currency)), [])
    except UnreadableRow:
        return _read_one_by_one(raws, zone, currency)


def _read_one_by_one(raws: Iterable[Raw], zone: ZoneInfo, currency: str) -> Read[PaymentFacts]:
    by_payment: defaultdict[str, list[Raw]] = defaultdict(list)
    for raw in raws:
        by_payment[text_of(raw["payment_id"]) or NO_ID].append(raw)
    good: dict[str, list[PaymentRow]] = {}
    bad: dict[str, Unreadable] = {}
    for payment_id, group in by_payment.items():
        try:
            good[payment_id] = [row for raw in group for row in payment_rows([raw], zone, currency)]
        except UnreadableRow as error:
            bad[payment_id] = unreadable_payment(payment_id, bills_of(group), str(error))
    lost_keys = {text_of(raw["reversal_key"]) for payment_id in bad for raw in by_payment[payment_id]} - {
        None
    }
    for payment_id, rows in list(good.items()):
        if any(row.reverses and row.reversal_key in lost_keys for row in rows):
            reason = "it takes back a payment that cannot be read"
            bad[payment_id] = unreadable_payment(payment_id, bills_of(by_payment[payment_id]), reason)
            del good[payment_id]
    facts = payments_from([row for rows in good.values() for row in rows])
    return Read(facts, list(bad.values()))


def unreadable_payment(payment_id: str | None, bill_ids: Iterable[str], reason: str) -> Unreadable:
    """Name a payment that cannot be read, with the bills that it touches as far as they can be told."""
    return Unreadable("payment", payment_id or NO_ID, reason, tuple(sorted(set(bill_ids))))


def bills_of(rows: Iterable[Raw]) -> set[str]:
    """The bills that rows of a payment mention."""
    return {found for raw in rows if (found := text_of(raw["bill_id"]))}


def read_bills(raws: Sequence[Raw], currency: str) -> Read[Bill]:
    """Read bills; one that cannot be read keeps back no other."""
    try:
        return Read(bills(raws, currency), [])
    except UnreadableRow:
        return _read_bills_one_by_one(raws, currency)


def _read_bills_one_by_one(raws: Iterable[Raw], currency: str) -> Read[Bill]:
    facts: list[Bill] = []
    unreadable: list[Unreadable] = []
    for raw in raws:
        try:
            facts += bills([raw], currency)
        except UnreadableRow as error:
            bill_id = text_of(raw["id"])
            touched = (bill_id,) if bill_id else ()
            unreadable.append(Unreadable("bill", bill_id or NO_ID, str(error), touched))
    return Read(facts, unreadable)
