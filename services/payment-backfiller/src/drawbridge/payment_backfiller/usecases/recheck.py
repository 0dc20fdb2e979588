"""List a commitment again: some time after a doubt, and every night (product, Payments)."""

from dataclasses import replace
from datetime import datetime, timedelta

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Waiting
from drawbridge.payment_backfiller.store.commitments import not_listed_since
from drawbridge.payment_backfiller.store.leases import finish
from drawbridge.payment_backfiller.store.vaults import lock_vault
from drawbridge.payment_backfiller.usecases.settle_bills import add_write_backs
from drawbridge.persistence import BULK, Database, NewWork, Transaction, Unattended, WorkItem
from drawbridge.runtime import get_logger, utc_now

RECHECK = "recheck"
SWEEP_AFTER = timedelta(hours=20)
"""A commitment that was not listed for so long is listed by the next sweep: once a night."""

_SWEEP_BATCH = 500
_BUSY = timedelta(seconds=5)
_log = get_logger(__name__)


def recheck_work(item: WorkItem, commitment: tuple[int, int], at: datetime) -> NewWork:
    """Work to list the commitment again at that time, however many other doubts there are."""
    return NewWork(
        kind=RECHECK,
        subject=item.subject,
        vault_id=item.vault_id,
        payload={"project_id": commitment[0], "commitment_id": commitment[1]},
        cause=replace(item.cause, causation_id=None),
        not_before=at,
    )


async def sweep(database: Database) -> None:
    """Let every commitment that was not listed lately be listed; runs every hour, works once a night."""
    async with database.reading() as session:
        stale = await not_listed_since(session, utc_now() - SWEEP_AFTER, _SWEEP_BATCH)
    for vault_id in sorted({row.vault_id for row in stale}):
        places = [(row.project_id, row.commitment_id) for row in stale if row.vault_id == vault_id]
        async with database.transaction() as tx:
            vault = await lock_vault(tx.session, vault_id)
            if vault is not None and vault.settings.active:
                await add_write_backs(tx, vault, places, Cause.new(), priority=BULK)


class Recheck(Unattended):
    """Handles the work items of kind ``recheck``: they only add a write-back, which lists first."""

    kind = RECHECK

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Add the write-back; if one is there already it may have listed too early, so come back."""
        place = int(str(item.payload["project_id"])), int(str(item.payload["commitment_id"]))
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id)
            if vault is None:
                return
            added = await add_write_backs(tx, vault, [place], item.cause)
            if not all(added):
                raise Waiting("write_back_running", tx.now + _BUSY)
            await finish(tx, item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """The nightly sweep lists the commitment all the same."""
        del tx, refused
        _log.error("recheck.given_up", subject=item.subject, problem=problem.message)
