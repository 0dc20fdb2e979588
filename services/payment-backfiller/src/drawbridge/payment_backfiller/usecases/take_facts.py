"""Take one answer of the ledger: store it and settle what it touches, or only report what that would do."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Unprocessable
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.leases import hold
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault
from drawbridge.payment_backfiller.usecases.publish_jobs import send_run
from drawbridge.payment_backfiller.usecases.reporting import Report
from drawbridge.payment_backfiller.usecases.settle_bills import settle_bills
from drawbridge.payment_backfiller.usecases.store_facts import LedgerFacts, store_facts
from drawbridge.persistence import Database, Transaction, WorkItem

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
        self, facts: LedgerFacts, also: Callable[[Transaction], Awaitable[None]], *, invoices: int = 0
    ) -> None:
        """One transaction, guarded by the lease; ``also`` and the run's counts are committed with it.

        ``invoices`` is how many AP invoices the answer is about, where that is known.
        """
        report = Report(Counter(invoices=invoices) if invoices else Counter())
        try:
            async with self.database.transaction() as tx:
                vault = await self._locked(tx)
                await self._take(tx, vault, facts, report)
                await also(tx)
                self._undo_dry_run()
                await self._note(tx, vault, report)
        except _RolledBack:
            async with self.database.transaction() as tx:
                await self._note(tx, await self._locked(tx), report)

    async def _note(self, tx: Transaction, vault: Vault, report: Report) -> None:
        """Add to the run's record, and tell how far it is now and then."""
        run = await jobs.run(tx.session, self.item.id)
        if run is None:
            return
        report.add_to(run)
        if self.told_at is None or tx.now - self.told_at > _TELL_EVERY:
            self.told_at = tx.now
            send_run(tx, vault, run, "run_progress", replace(self.item.cause, causation_id=None))

    def _undo_dry_run(self) -> None:
        if self.dry_run:
            raise _RolledBack

    async def _locked(self, tx: Transaction) -> Vault:
        vault = await lock_vault(tx.session, self.item.vault_id)
        if vault is None:
            raise Unprocessable("unknown_vault", f"There is no vault {self.item.vault_id}.")
        await hold(tx, self.item)
        return vault

    async def _take(self, tx: Transaction, vault: Vault, facts: LedgerFacts, report: Report) -> None:
        touched = await store_facts(tx, vault.id, facts)
        settled = await settle_bills(tx, vault, touched, self.item.cause)
        report.counts.update(settled.counts)
        report.lines += settled.lines
        report.counts["payments"] += len(facts.payments)
        report.counts["bills"] += len(facts.bills)
        if facts.unreadable:
            report.counts["unreadable"] += len(facts.unreadable)
            report.lines += [str(each) for each in facts.unreadable]


class _RolledBack(Exception):  # the wanted end of a dry run, not an error
    """Ends the transaction of a dry run."""
