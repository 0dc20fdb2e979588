"""From raw rows to facts, with what cannot be read set aside by its identity."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import Bill, PaymentFacts, Unreadable
from drawbridge.ledgers.sql.grouping import payments_from
from drawbridge.ledgers.sql.rows import PaymentRow, UnreadableRow, bill, payment_row, text_of

type Raw = Mapping[str, Any]

_NO_ID = "(no id)"


@dataclass(frozen=True, slots=True)
class Read[T]:
    """What was understood, and what was not."""

    facts: Sequence[T]
    unreadable: Sequence[Unreadable]


def read_payments(raws: Iterable[Raw], zone: ZoneInfo, currency: str) -> Read[PaymentFacts]:
    """Group rows into payments. One bad row makes its payment unreadable: a part is a wrong amount.

    A row that takes back an unreadable payment waits with it; alone it would look like a refund.
    """
    by_payment: defaultdict[str, list[Raw]] = defaultdict(list)
    for raw in raws:
        by_payment[text_of(raw["payment_id"]) or _NO_ID].append(raw)
    good: dict[str, list[PaymentRow]] = {}
    bad: dict[str, Unreadable] = {}
    for payment_id, group in by_payment.items():
        try:
            good[payment_id] = [payment_row(raw, zone) for raw in group]
        except UnreadableRow as error:
            bad[payment_id] = unreadable_payment(payment_id, group, str(error))
    lost_keys = {text_of(raw["reversal_key"]) for payment_id in bad for raw in by_payment[payment_id]} - {
        None
    }
    for payment_id, rows in list(good.items()):
        if any(row.reverses and row.reversal_key in lost_keys for row in rows):
            reason = "it takes back a payment that cannot be read"
            bad[payment_id] = unreadable_payment(payment_id, by_payment[payment_id], reason)
            del good[payment_id]
    facts = payments_from([row for rows in good.values() for row in rows], currency)
    return Read(facts, list(bad.values()))


def unreadable_payment(payment_id: str | None, rows: Iterable[Raw], reason: str) -> Unreadable:
    """Name a payment that cannot be read, with the bills that its rows mention."""
    bills = sorted({found for raw in rows if (found := text_of(raw["bill_id"]))})
    return Unreadable("payment", payment_id or _NO_ID, reason, tuple(bills))


def read_bills(raws: Iterable[Raw], currency: str) -> Read[Bill]:
    """Read bills one by one."""
    facts: list[Bill] = []
    unreadable: list[Unreadable] = []
    for raw in raws:
        try:
            facts.append(bill(raw, currency))
        except UnreadableRow as error:
            bill_id = text_of(raw["id"])
            touched = (bill_id,) if bill_id else ()
            unreadable.append(Unreadable("bill", bill_id or _NO_ID, str(error), touched))
    return Read(facts, unreadable)
