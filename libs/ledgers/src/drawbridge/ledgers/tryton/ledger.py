"""Tryton as a ledger."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import batched
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import (
    Bill,
    BillKey,
    Capabilities,
    PaymentBatch,
    PaymentFacts,
    Sample,
    Unreadable,
)
from drawbridge.ledgers.progress import BATCH, Change, Progress, told
from drawbridge.ledgers.reading import Read, read_bills, read_payments
from drawbridge.ledgers.texts import reported_id
from drawbridge.ledgers.tryton.books import Domain, TrytonBooks
from drawbridge.ledgers.tryton.changes import Changes
from drawbridge.ledgers.tryton.client import TITLE, Fault
from drawbridge.ledgers.tryton.gathering import gather
from drawbridge.ledgers.tryton.names import BILL, BILL_FIELDS, BILLS
from drawbridge.ledgers.tryton.rows import bill_row, direct_payment_rows, payment_rows
from drawbridge.ledgers.tryton.settling import grouped_bills, settlement_rows

_BILLS_AT_ONCE = 100


class TrytonLedger:
    """`LedgerSource` over Tryton. ``zone`` is where its stamps belong, the time zone of its database."""

    name = TITLE
    capabilities = Capabilities(retainage=False)

    def __init__(self, books: TrytonBooks, zone: ZoneInfo, currency: str) -> None:
        self._books = books
        self._zone = zone
        self._currency = currency

    async def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """List what changed, then read the bills that it touches, batch by batch.

        The cursor does not move at all as long as there is a record that Tryton itself cannot read.
        """
        since = None if cursor is None else cursor - overlap
        local = None if since is None else since.astimezone(self._zone).replace(tzinfo=None)
        changes = Changes(self._books, local, self._zone)
        listed = await changes.find()
        if changes.lost:
            yield PaymentBatch((), cursor, tuple(changes.lost))
        ids = {reported_id(change.id) for change in listed}
        seen: set[str] = set()
        progress = Progress(cursor)
        for batch in batched(listed, BATCH):
            read = await self._payments({int(bill) for change in batch for bill in change.bill_ids})
            unreadable = [each for each in read.unreadable if each.kind != "payment" or each.id in ids - seen]
            facts = [each for each in read.facts if each.payment.id not in seen and _is_recent(each, since)]
            seen |= {each.payment.id for each in facts} | {each.id for each in unreadable}
            held = {each.id for each in unreadable} | _touching(batch, unreadable)
            reached = progress.after(batch, held)
            yield PaymentBatch(tuple(facts), cursor if changes.lost else reached, tuple(unreadable))

    async def allocations_for(
        self, bill_ids: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[PaymentFacts]:
        """Return every payment that touches these bills, complete."""
        facts: dict[str, PaymentFacts] = {}
        wanted = set(bill_ids)
        for chunk in batched(sorted(_numbers(bill_ids)), _BILLS_AT_ONCE):
            for each in told(await self._payments(set(chunk)), unreadable):
                if wanted & {part.bill_id for part in each.allocations}:
                    facts[each.payment.id] = each
        return list(facts.values())

    async def bills(self, keys: Sequence[BillKey], unreadable: list[Unreadable] | None = None) -> list[Bill]:
        """Return the bills that fit at least one key."""
        found: dict[str, Bill] = {}
        ids = sorted(_numbers(key.bill_id for key in keys if key.bill_id))
        for each in await self._bills([("id", "in", ids)], unreadable) if ids else []:
            found[each.id] = each
        wanted = {
            (key.vendor_code, key.invoice_number.strip())
            for key in keys
            if key.vendor_code and key.invoice_number
        }
        for chunk in batched(sorted(wanted), _BILLS_AT_ONCE):
            fits = [
                "OR",
                *[[("party.code", "=", vendor), ("reference", "=", number)] for vendor, number in chunk],
            ]
            found |= {each.id: each for each in await self._bills([fits], unreadable)}
        return list(found.values())

    async def bills_of_vendors(
        self, vendor_codes: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[Bill]:
        """Return all bills of these vendors."""
        codes = sorted(set(vendor_codes))
        return await self._bills([("party.code", "in", codes)], unreadable) if codes else []

    async def check(self, show: int = 5) -> Sample:
        """Read everything once; only the first of it and every complaint are kept."""
        payments: list[PaymentFacts] = []
        unreadable: list[Unreadable] = []
        rows = 0
        async for batch in self.payments_changed_since(None, timedelta(0)):
            rows += sum(len(each.allocations) for each in batch.facts) + len(batch.unreadable)
            payments += batch.facts[: show - len(payments)]
            unreadable += [each for each in batch.unreadable if each not in unreadable]
        bills = await self._bills([], unreadable)
        return Sample(rows, len(bills), tuple(payments), tuple(bills[:show]), tuple(unreadable))

    async def rest(self) -> None:
        """Do nothing: what HTTP keeps open closes by itself after some seconds."""

    async def close(self) -> None:
        """Close all connections."""
        await self._books.close()

    async def _payments(self, bill_ids: set[int]) -> Read[PaymentFacts]:
        """All payments of these bills; where Tryton fails, bill by bill, so that the rest goes on."""
        try:
            found = await gather(self._books, bill_ids)
        except Fault as fault:
            if len(bill_ids) <= 1:
                bad = tuple(str(bill) for bill in bill_ids)
                reason = fault.problem.message.rstrip(".")
                return Read([], [Unreadable("bill", bill, reason, (bill,)) for bill in bad])
            half = len(bill_ids) // 2
            some = sorted(bill_ids)
            return _joined([await self._payments(set(some[:half])), await self._payments(set(some[half:]))])
        rows = [*payment_rows(found), *direct_payment_rows(found), *settlement_rows(found)]
        grouped = list(grouped_bills(found))
        return _joined([read_payments(rows, self._zone, self._currency), Read([], grouped)])

    async def _bills(self, fits: Domain, unreadable: list[Unreadable] | None) -> list[Bill]:
        found: list[Bill] = []
        async for page in self._books.pages(BILL, [*BILLS, *fits]):
            records, bad = await self._books.read_what_can_be(BILL, page, BILL_FIELDS)
            read = read_bills([bill_row(each) for each in records], self._currency)
            failed = [
                Unreadable("bill", str(each), "Tryton fails when it is read", (str(each),)) for each in bad
            ]
            found += told(Read(read.facts, [*read.unreadable, *failed]), unreadable)
        return found


def _numbers(ids: Iterable[str]) -> set[int]:
    return {int(each) for each in ids if each.isdecimal()}


def _is_recent(facts: PaymentFacts, since: datetime | None) -> bool:
    """A bill's other payments were told before."""
    changed = facts.payment.changed_at
    return since is None or changed is None or changed >= since


def _touching(batch: Sequence[Change], unreadable: Sequence[Unreadable]) -> set[str]:
    """The changes of bills that cannot be read."""
    bad = {each.id for each in unreadable if each.kind == "bill"}
    return {reported_id(change.id) for change in batch if bad & set(change.bill_ids)}


def _joined(parts: Sequence[Read[PaymentFacts]]) -> Read[PaymentFacts]:
    facts = {each.payment.id: each for part in parts for each in part.facts}
    return Read(list(facts.values()), [each for part in parts for each in part.unreadable])
