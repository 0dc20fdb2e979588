"""Take one answer of the ledger: store it and settle what it touches, or only report what that would do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drawbridge.contracts.errors import Unprocessable
from drawbridge.payment_backfiller.store.leases import hold
from drawbridge.payment_backfiller.store.vaults import lock_vault
from drawbridge.payment_backfiller.usecases.reporting import Report
from drawbridge.payment_backfiller.usecases.settle_bills import settle_bills
from drawbridge.payment_backfiller.usecases.store_facts import LedgerFacts, store_facts
from drawbridge.persistence import Database, Transaction, WorkItem


@dataclass(frozen=True, slots=True)
class Taking:
    """A run's way to take facts. A dry run does all of it and rolls back, so that it tells the truth."""

    database: Database
    item: WorkItem
    dry_run: bool

    async def take(
        self, facts: LedgerFacts, also: Callable[[Transaction], Awaitable[None]] | None = None
    ) -> Report:
        """One transaction, guarded by the lease; ``also`` is committed with it."""
        report = Report()
        try:
            async with self.database.transaction() as tx:
                report = await self._take(tx, facts)
                if also is not None:
                    await also(tx)
                self._undo_dry_run()
        except _RolledBack:
            pass
        return report

    def _undo_dry_run(self) -> None:
        if self.dry_run:
            raise _RolledBack

    async def _take(self, tx: Transaction, facts: LedgerFacts) -> Report:
        vault = await lock_vault(tx.session, self.item.vault_id)
        if vault is None:
            raise Unprocessable("unknown_vault", f"There is no vault {self.item.vault_id}.")
        await hold(tx, self.item)
        touched = await store_facts(tx, vault.id, facts)
        report = await settle_bills(tx, vault, touched, self.item.cause)
        report.counts["payments"] += len(facts.payments)
        report.counts["bills"] += len(facts.bills)
        if facts.unreadable:
            report.counts["unreadable"] += len(facts.unreadable)
            report.lines += [str(each) for each in facts.unreadable]
        return report


class _RolledBack(Exception):  # the wanted end of a dry run, not an error
    """Ends the transaction of a dry run."""
