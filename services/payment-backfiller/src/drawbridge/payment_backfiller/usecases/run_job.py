"""Run a payment job: on its schedule or because a person asked, as a work item (one per vault and job)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drawbridge.contracts.errors import Problem, Refused, Retryable
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.leases import finish, hold
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault, read_vault
from drawbridge.payment_backfiller.store.write_tables import RunRow
from drawbridge.payment_backfiller.usecases.check_backfill import check_backfill
from drawbridge.payment_backfiller.usecases.ports import Ledgers
from drawbridge.payment_backfiller.usecases.publish_jobs import (
    job_name,
    publish_job,
    ran,
    send_run,
)
from drawbridge.payment_backfiller.usecases.reporting import add_to_log
from drawbridge.payment_backfiller.usecases.retrieve_payments import retrieve_payments
from drawbridge.payment_backfiller.usecases.retry_by_hand import retry_by_hand
from drawbridge.payment_backfiller.usecases.take_facts import Taking
from drawbridge.payment_backfiller.usecases.unknown_vault import unknown_vault
from drawbridge.persistence import Database, Transaction, WorkItem

RUN_JOB = "run_job"
SCHEDULE = "schedule"
"""Who asked, when nobody did."""


class RunJob:
    """Handles the work items of kind ``run_job``; the run's id is the item's."""

    kind = RUN_JOB

    def __init__(self, database: Database, ledgers: Ledgers, *, overlap: timedelta) -> None:
        self._database = database
        self._ledgers = ledgers
        self._overlap = overlap

    async def run(self, item: WorkItem) -> None:
        """Read the ledger and take its facts, batch by batch."""
        vault = await self._begin(item)
        name = await self._ledger_of(vault)
        taking = Taking(self._database, item, dry_run=bool(item.payload["dry_run"]))
        ledger = self._ledgers.open(name)
        await taking.settle_rest()
        try:
            if item.payload["job"] == "payment_retrieval":
                await retrieve_payments(taking, vault, ledger, name, self._overlap)
            else:
                await check_backfill(taking, vault, ledger, name)
        finally:
            await ledger.rest()
        await self._end(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """The run failed; it closes the command, and the job is failing until a run succeeds."""
        del refused  # the run has failed either way
        vault = await lock_vault(tx.session, item.vault_id)
        if vault is None:
            return
        run = await jobs.run(tx.session, item.id) or _new_run(item, tx.now)
        tx.session.add(run)
        run.status, run.finished_at, run.problem = "failed", tx.now, problem.model_dump()
        add_to_log(run, problem.message)
        send_run(tx, vault, run, "run_failed", item.cause)
        await ran(tx, vault, job_name(run.job), run.id, problem.message)
        await publish_job(tx, vault, job_name(run.job), "run_failed", item.cause)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Show in the log that it goes on later; a failing ledger is a failing job."""
        run = await jobs.run(tx.session, item.id)
        vault = await lock_vault(tx.session, item.vault_id)
        if run is None or vault is None:
            return
        add_to_log(run, f"{problem.message} Next try at {next_at.astimezone(UTC):%H:%M:%S} UTC.")
        send_run(tx, vault, run, "run_postponed", replace(item.cause, causation_id=None))
        if not waiting:
            await ran(tx, vault, job_name(run.job), run.id, problem.message)
            await publish_job(tx, vault, job_name(run.job), "run_postponed", item.cause)

    async def _ledger_of(self, vault: Vault) -> str:
        if not vault.settings.active:
            raise Refused("vault_inactive", "This vault is deactivated.", "Activate the vault first.")
        name = vault.settings.ledger
        if name is None:
            raise Refused(
                "no_ledger", "The vault's settings name no ledger.", "Name one of the deployment's ledgers."
            )
        async with self._database.reading() as session:
            others = await jobs.other_ledgers(session, vault.id, name)
        if others:
            raise Refused(
                "ledger_changed",
                f"This vault has payments of the ledger {others[0]}; reading {name} would write them twice.",
                f"Name the ledger {others[0]} again, or make a new vault for {name}.",
            )
        return name

    async def _begin(self, item: WorkItem) -> Vault:
        async with self._database.reading() as session:
            known = await read_vault(session, item.vault_id)
        if known is None:
            raise unknown_vault(item)
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id) or known
            await hold(tx, item)
            run = await jobs.run(tx.session, item.id)
            if run is None:
                run = _new_run(item, tx.now)
                tx.session.add(run)
                send_run(tx, vault, run, "run_started", replace(item.cause, causation_id=None))
                if run.requested_by != SCHEDULE and not run.dry_run:
                    await retry_by_hand(tx, vault, item.cause)
        return vault

    async def _end(self, item: WorkItem) -> None:
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id)
            run = await jobs.run(tx.session, item.id)
            if vault is None or run is None:
                raise Retryable("The run's own record is missing.")
            await finish(tx, item)
            run.status, run.finished_at = "done", tx.now
            send_run(tx, vault, run, "run_done", item.cause)
            if not run.dry_run:
                await ran(tx, vault, job_name(run.job), run.id, "")
                await publish_job(tx, vault, job_name(run.job), "run_done", item.cause)


def _new_run(item: WorkItem, now: datetime) -> RunRow:
    return RunRow(
        id=item.id,
        vault_id=item.vault_id,
        job=str(item.payload["job"]),
        version=0,
        dry_run=bool(item.payload["dry_run"]),
        status="running",
        requested_by=str(item.payload["requested_by"]),
        started_at=now,
        counts={},
        log=[],
    )
