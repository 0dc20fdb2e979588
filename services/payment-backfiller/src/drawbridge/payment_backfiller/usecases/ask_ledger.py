"""Ask the ledger about bills: everything that was ever paid on them, complete."""

from collections.abc import Collection, Iterable

from drawbridge.ledgers import Bill, BillKey, LedgerSource, PaymentFacts, Unreadable
from drawbridge.payment_backfiller.usecases.store_facts import LedgerFacts
from drawbridge.runtime import utc_now


async def facts_of_bills(
    ledger: LedgerSource,
    name: str,
    bill_ids: Collection[str],
    more: Iterable[PaymentFacts] = (),
    unreadable: Iterable[Unreadable] = (),
) -> LedgerFacts:
    """The bills, every payment that touches them, and the other bills of those payments.

    What we know and the answer lacks was deleted, unless it cannot be read. ``more`` and ``unreadable`` were
    read already.
    """
    read_at = utc_now()
    bad = list(unreadable)
    bills = await _bills(ledger, bill_ids, bad)
    payments = {entry.payment.id: entry for entry in more}
    payments |= {entry.payment.id: entry for entry in await ledger.allocations_for(sorted(bill_ids), bad)}
    mentioned = {each.bill_id for entry in payments.values() for each in entry.allocations}
    bills += await _bills(ledger, mentioned - set(bill_ids), bad)
    complete = set(bill_ids) - {bill_id for each in bad for bill_id in each.bill_ids}
    return LedgerFacts(name, read_at, bills, list(payments.values()), complete, bad)


async def _bills(ledger: LedgerSource, bill_ids: Collection[str], bad: list[Unreadable]) -> list[Bill]:
    return await ledger.bills([BillKey(bill_id=bill_id) for bill_id in sorted(bill_ids)], bad)
