"""Ask the ledger about bills: everything that was ever paid on them, complete."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from drawbridge.ledgers import Bill, BillKey, LedgerSource, PaymentBatch, PaymentFacts, Unreadable
from drawbridge.runtime import utc_now


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """One answer of the ledger, asked at ``read_at``.

    ``payments`` come with all of their allocations. ``complete_bills`` were asked for by id: all of their
    payments are here, and one that is not among ``bills`` no longer exists. What was ``unreadable`` is only
    reported; the bills that it touches are not complete.
    """

    ledger: str
    read_at: datetime
    bills: Sequence[Bill]
    payments: Sequence[PaymentFacts]
    complete_bills: Collection[str] = ()
    unreadable: Sequence[Unreadable] = ()


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


@dataclass(slots=True)
class Complete:
    """A reading of what changed: each bill that it touches is asked for again, with all of its payments."""

    ledger: LedgerSource
    name: str

    async def facts_of(self, batch: PaymentBatch) -> LedgerFacts:
        """The batch, made complete."""
        ids = {each.bill_id for entry in batch.facts for each in entry.allocations}
        facts = await facts_of_bills(self.ledger, self.name, ids, batch.facts, batch.unreadable)
        return replace(facts, bills=[*batch.bills, *facts.bills])


@dataclass(slots=True)
class Whole:
    """A reading of everything: when it ends all payments of a bill are known, and nothing is asked twice.

    Only bills that the ledger does not tell on the way are asked for.
    """

    ledger: LedgerSource
    name: str
    told: set[str] = field(default_factory=set)

    async def facts_of(self, batch: PaymentBatch) -> LedgerFacts:
        """The batch, with the bills that it mentions."""
        read_at, bad = batch.read_at or utc_now(), list(batch.unreadable)
        self.told |= {bill.id for bill in batch.bills}
        mentioned = {each.bill_id for entry in batch.facts for each in entry.allocations}
        bills = [*batch.bills, *await _bills(self.ledger, mentioned - self.told, bad)]
        self.told |= mentioned
        return LedgerFacts(self.name, read_at, bills, batch.facts, (), bad)


async def _bills(ledger: LedgerSource, bill_ids: Collection[str], bad: list[Unreadable]) -> list[Bill]:
    if not bill_ids:
        return []
    return await ledger.bills([BillKey(bill_id=bill_id) for bill_id in sorted(bill_ids)], bad)
