"""Two payment-backfillers: they crash at failpoints, are cut off or killed, and are started again.

Each has a database of its own to talk to, so that one can be killed in the middle of anything: from then on
it reaches neither PostgreSQL nor Procore, and cleans nothing up, as after ``kill -9``.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.vaults import JobName, VaultSettingsState
from drawbridge.payment_backfiller.store.tables import SCHEMA
from drawbridge.payment_backfiller.usecases.match_vendor import MatchVendor
from drawbridge.payment_backfiller.usecases.recheck import Recheck, sweep
from drawbridge.payment_backfiller.usecases.run_job import RUN_JOB, RunJob
from drawbridge.payment_backfiller.usecases.send_step import Times
from drawbridge.payment_backfiller.usecases.store_invoices import store_invoices
from drawbridge.payment_backfiller.usecases.store_vaults import store_vaults
from drawbridge.payment_backfiller.usecases.write_back import WriteBack
from drawbridge.persistence import CLICK, Database, NewWork, WorkHandler, WorkLoop
from drawbridge.runtime import failpoints, utc_now
from tests.factories.histories.books import OneLedger
from tests.factories.histories.desk import Desk
from tests.factories.histories.process import HERE, Process

LEASE = timedelta(seconds=6)
TIMES = Times(
    call=timedelta(seconds=3),
    margin=timedelta(seconds=1),
    doubt=timedelta(seconds=0.3),
    recheck=timedelta(seconds=0.5),
)
"""A hundredth of what they are in production, or so: 60 s of doubt are 0.3 s."""

_TAKE_OVER = """
UPDATE work_items SET lease_token = NULL, leased_until = NULL
WHERE leased_until IS NOT NULL AND id IN (SELECT id FROM work_items FOR UPDATE SKIP LOCKED)
"""
_HURRY = """
UPDATE work_items SET next_attempt_at = now()
WHERE next_attempt_at > now() AND id IN (SELECT id FROM work_items FOR UPDATE SKIP LOCKED)
"""
"""Neither waits for a row that a worker holds: who waits for two can be waited for."""

_PATIENCE = 60.0
_HIT = failpoints.hit


@dataclass
class Workers:
    """Both workers, the database that they have in common, and what is told to them.

    ``kill_at``: at which failpoint the worker that passes it is killed.
    """

    database: Database
    desk: Desk
    ledger: OneLedger
    running: list[asyncio.Task[None]] = field(default_factory=list)
    kill_at: set[str] = field(default_factory=set)
    killed: int = 0

    async def start(self) -> None:
        """Start both, unless they run; what a killed one had leased is free at once."""
        alive = [task for task in self.running if not task.done()]
        if len(alive) < len(self.running) and self.killed:
            await self.take_over()
        self.running = alive
        while len(self.running) < 2:
            self.running.append(asyncio.create_task(self._live()))

    async def _live(self) -> None:
        """One worker, until it is stopped or killed."""
        database = Database(self.database.url, schema=SCHEMA, service=self.database.service, pool_size=5)
        process = Process(database)
        HERE.set(process)
        loop = WorkLoop(database, self._handlers(database), concurrency=3, lease=LEASE)
        process.life = asyncio.create_task(loop.run(asyncio.Event()))
        try:
            await process.life
        except asyncio.CancelledError:
            process.life.cancel()
            await asyncio.gather(process.life, return_exceptions=True)
            raise
        finally:
            await database.dispose()

    def hit(self, name: str) -> None:
        """Pass a failpoint: the worker that does so may end here."""
        process = HERE.get()
        if process is not None and name in self.kill_at and not process.dead:
            self.kill_at.discard(name)
            self.killed += 1
            process.kill()
        if process is not None and process.dead:
            raise asyncio.CancelledError
        _HIT(name)

    async def cut_off(self, which: Callable[[list[asyncio.Task[None]]], asyncio.Task[None]]) -> None:
        """End one of them in the middle of what it does, and start another."""
        task = which(self.running)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.start()

    async def stop(self) -> None:
        """End both."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self.running.clear()

    async def settings(self, state: VaultSettingsState) -> None:
        """The gateway tells the vault's settings."""
        async with self.database.transaction() as tx:
            await store_vaults(tx, [(state, _envelope(state))], self.ledger)

    async def invoice(self, state: InvoiceState) -> None:
        """import-service tells of an AP invoice."""
        async with self.database.transaction() as tx:
            await store_invoices(tx, [(state, _envelope(state))])

    async def run_job(self, job: JobName, requested_by: str) -> None:
        """Ask for a run; a person's tries again what needs a hand."""
        payload = {"job": job, "dry_run": False, "requested_by": requested_by}
        work = NewWork(RUN_JOB, f"job/main/{job}", "main", {**payload}, Cause.new(), CLICK, unique=True)
        async with self.database.transaction() as tx:
            await tx.add_work(work)

    async def sweep(self) -> None:
        """The night comes."""
        await self._execute("UPDATE commitments SET listed_at = NULL")
        await sweep(self.database)

    async def idle(self) -> None:
        """Wait until there is no work left; delays between attempts pass at once."""
        async with asyncio.timeout(_PATIENCE):
            while await self._hurry():
                await self.start()
                await asyncio.sleep(0.05)

    async def take_over(self) -> None:
        """The lease of everything that runs is over: another worker may take it."""
        await self._execute(_TAKE_OVER)

    async def _hurry(self) -> int:
        await self._execute(_HURRY)
        await self._execute("SELECT pg_notify('payments_work', '')")
        return await self._execute("SELECT count(*) FROM work_items")

    async def _execute(self, statement: str) -> int:
        async with self.database.bookkeeping() as connection:
            result = await connection.execute(text(statement))
            return int(result.scalar_one() or 0) if result.returns_rows else 0

    def _handlers(self, database: Database) -> list[WorkHandler]:
        return [
            RunJob(database, self.ledger, overlap=timedelta(seconds=2)),
            MatchVendor(database),
            WriteBack(database, self.desk, TIMES),
            Recheck(database),
        ]


def _envelope(state: VaultSettingsState | InvoiceState) -> Envelope:
    return Envelope(
        id=uuid4(),
        type=state.TYPE,
        source="elsewhere",
        subject=state.subject(),
        time=utc_now(),
        correlation_id="history",
    )
