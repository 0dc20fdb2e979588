"""Take one answer of the ledger: store it and settle what it touches, or only report what that would do."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from drawbridge.contracts.errors import Unprocessable
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.bills import mark_unsettled, take_unsettled
from drawbridge.payment_backfiller.store.invoices import vendor_keys
from drawbridge.payment_backfiller.store.leases import hold
from drawbridge.payment_backfiller.store.touched_bills import (
    count_allocations,
    unmatched_words,
)
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault
from drawbridge.payment_backfiller.usecases.fact_rows import FactRows
from drawbridge.payment_backfiller.usecases.match_bills import match_bills
from drawbridge.payment_backfiller.usecases.match_vendor import match_vendor_work
from drawbridge.payment_backfiller.usecases.publish_jobs import send_run
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.reporting import LONGEST_REPORT, Report
from drawbridge.payment_backfiller.usecases.settle_bills import settle
from drawbridge.payment_backfiller.usecases.store_facts import store_facts
from drawbridge.persistence import Database, Transaction, WorkItem

_AT_ONCE = 100
"""Bills that are settled in one transaction."""

_ALL = 1_000_000

_TELL_EVERY = timedelta(seconds=2)
"""A running job tells its counts so often at most."""


@dataclass(slots=True)
class Taking:
    """A run's way to take facts. A dry run does all of it and rolls back, so that it tells the truth."""

    database: Database
    item: WorkItem
    dry_run: bool
    told_at: datetime | None = None

    async def take(
        self, rows: FactRows, also: Callable[[Transaction], Awaitable[None]], *, invoices: int = 0
    ) -> None:
        """Store and match in one transaction, guarded by the lease; ``also`` is committed with it.

        ``invoices`` is how many AP invoices the answer is about, where that is known.
        """
        report = Report(Counter(invoices=invoices) if invoices else Counter())
        doubtful: Collection[str] = ()
        try:
            async with self.database.transaction() as tx:
                vault = await self._locked(tx)
                doubtful = await self._store(tx, vault, rows, report)
                await also(tx)
                if self.dry_run:
                    await self._rehearse(tx, vault, doubtful, report)
        except _RolledBack:
            await self._note(report)
        else:
            await self.settle_rest()
            await self._note(report, doubtful)

    async def _rehearse(
        self, tx: Transaction, vault: Vault, doubtful: Collection[str], report: Report
    ) -> NoReturn:
        """Settle and count within the transaction that is then rolled back."""
        await self._settle(tx, vault, report, _ALL)
        await _count(tx, vault, doubtful, report)
        raise _RolledBack

    async def settle_rest(self) -> None:
        """Settle what was stored, some bills in each transaction: a person's click gets in between."""
        some = not self.dry_run
        while some:
            report = Report()
            async with self.database.transaction() as tx:
                some = await self._settle(tx, await self._locked(tx), report, _AT_ONCE)
            if report.counts or report.lines:
                await self._note(report)

    async def _note(self, report: Report, doubtful: Collection[str] = ()) -> None:
        """Add to the run's record, and tell how far it is now and then; ``doubtful`` are counted now."""
        async with self.database.transaction() as tx:
            vault = await self._locked(tx)
            await _count(tx, vault, doubtful, report)
            run = await jobs.run(tx.session, self.item.id)
            if run is None:
                return
            report.add_to(run)
            if self.told_at is None or tx.now - self.told_at > _TELL_EVERY:
                self.told_at = tx.now
                send_run(tx, vault, run, "run_progress", replace(self.item.cause, causation_id=None))

    async def _locked(self, tx: Transaction) -> Vault:
        vault = await lock_vault(tx.session, self.item.vault_id)
        if vault is None:
            raise Unprocessable("unknown_vault", f"There is no vault {self.item.vault_id}.")
        await hold(tx, self.item)
        return vault

    async def _store(self, tx: Transaction, vault: Vault, rows: FactRows, report: Report) -> Collection[str]:
        """Store and match; gives the told allocations that may be ours and whose bill is not surely tied."""
        touched = await store_facts(tx, vault.id, rows)
        told = rows.bill_of
        known = touched.known
        changed = known.ours & touched.changed
        # A voided bill keeps its tie only as long as one of its payments lives.
        to_match = (changed & (touched.bills | known.voided)) - touched.tied
        matched = await match_bills(tx, vault, to_match, unsettled=True)
        marked = known.unsettled | matched.plain
        await mark_unsettled(tx.session, vault.id, (matched.bills | changed) - marked)
        await self._free(tx, vault, matched.freed)
        tied = (known.tied - matched.bills) | matched.plain
        _report(report, rows, matched=sum(bill in tied for bill in told.values()))
        doubtful = known.ours - tied
        return [allocation for allocation, bill in told.items() if bill in doubtful]

    async def _free(self, tx: Transaction, vault: Vault, invoices: Collection[UUID]) -> None:
        """AP invoices that have lost their bill: tell it, and let another bill of the vendor have them."""
        if not invoices:
            return
        story = replace(self.item.cause, causation_id=None)
        await publish_payments(tx, vault, (), invoices, story)
        vendors = sorted(set((await vendor_keys(tx.session, invoices)).values()))
        await tx.add_work(*(match_vendor_work(vault.id, vendor, story) for vendor in vendors))

    async def _settle(self, tx: Transaction, vault: Vault, report: Report, most: int) -> bool:
        """Settle some bills that were matched; false when there are none."""
        bills = await take_unsettled(tx.session, vault.id, most)
        if bills:
            settled = await settle(tx, vault, bills, self.item.cause)
            report.counts.update(settled.counts)
            report.lines += settled.lines
        return bool(bills)


def _report(report: Report, rows: FactRows, *, matched: int) -> None:
    """What an answer tells; whose allocations are not matched may still turn out to be unmatched."""
    facts = rows.facts
    if facts.unreadable:
        report.counts["unreadable"] += len(facts.unreadable)
        report.lines += [str(each) for each in facts.unreadable]
    report.counts.update(
        payments=len(facts.payments),
        bills=len(facts.bills),
        allocations=len(rows.bill_of),
        matched=matched,
        not_ours=len(rows.bill_of) - matched,
    )


async def _count(tx: Transaction, vault: Vault, ids: Collection[str], report: Report) -> None:
    """Which of these allocations are matched, or unmatched and listed; until then they count as not ours."""
    if not ids:
        return
    found = await count_allocations(tx.session, vault.id, ids)
    report.counts["matched"] += found.matched
    report.counts["unmatched"] += found.unmatched
    report.counts["not_ours"] -= found.matched + found.unmatched
    if found.unmatched:
        report.lines += await unmatched_words(tx.session, vault.id, ids, LONGEST_REPORT)


class _RolledBack(Exception):  # the wanted end of a dry run, not an error
    """Ends the transaction of a dry run."""
