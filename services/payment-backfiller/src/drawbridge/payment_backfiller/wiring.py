"""The composition root: the only place that knows every part of payment-backfiller."""

from datetime import timedelta
from functools import partial

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.messaging import Broker, Relay
from drawbridge.messaging import Intake as IntakeComponent
from drawbridge.payment_backfiller.entrypoints.intake import COMMANDS_QUEUE, EVENTS_QUEUE, Intake
from drawbridge.payment_backfiller.outside import LedgersFile, ProcoreClients
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.store import vaults
from drawbridge.payment_backfiller.store.measures import MEASURES
from drawbridge.payment_backfiller.store.owned import OWNED
from drawbridge.payment_backfiller.store.tables import SCHEMA, invoices
from drawbridge.payment_backfiller.usecases.decide_by_hand import DecideByHand
from drawbridge.payment_backfiller.usecases.match_vendor import MatchVendor
from drawbridge.payment_backfiller.usecases.ports import Ledgers, Procore
from drawbridge.payment_backfiller.usecases.recheck import Recheck, sweep
from drawbridge.payment_backfiller.usecases.run_job import RUN_JOB, RunJob
from drawbridge.payment_backfiller.usecases.schedule_jobs import start_due_jobs
from drawbridge.payment_backfiller.usecases.send_step import Times
from drawbridge.payment_backfiller.usecases.store_invoices import forget_invoices
from drawbridge.payment_backfiller.usecases.store_vaults import SERVICE
from drawbridge.payment_backfiller.usecases.write_back import WriteBack
from drawbridge.persistence import Database, VaultShares, WorkHandler, WorkLoop, cleaning, measuring
from drawbridge.persistence.snapshots import Kept, SnapshotReader, SnapshotWork
from drawbridge.runtime import Component, periodic, supervise

_SWEEP_EVERY = timedelta(hours=1)
KEPT = (vaults.KEPT, Kept("import-service", InvoiceState, invoices, on_removed=forget_invoices))


def make_database(settings: Settings) -> Database:
    """The database of the schema ``payments``."""
    return Database(
        settings.database_url, schema=SCHEMA, service=SERVICE, pool_size=settings.database_pool_size
    )


def work_handlers(
    settings: Settings, database: Database, procore: Procore, ledgers: Ledgers
) -> list[WorkHandler]:
    """One handler for each kind of work item."""
    times = Times(
        doubt=timedelta(seconds=settings.doubt_seconds), recheck=timedelta(seconds=settings.recheck_seconds)
    )
    return [
        RunJob(database, ledgers, overlap=timedelta(days=settings.overlap_days)),
        MatchVendor(database),
        DecideByHand(database),
        WriteBack(database, procore, times),
        Recheck(database),
        SnapshotWork(database, OWNED),
    ]


def components(
    settings: Settings, database: Database, broker: Broker, procore: ProcoreClients, ledgers: Ledgers
) -> list[Component]:
    """All parts of the worker."""
    callers = VaultShares(database, "procore", vaults.all_vaults, procore.budget_of)
    intake = Intake(ledgers)
    lease = timedelta(seconds=settings.lease_seconds)
    return [
        Relay(database, broker),
        callers.component,
        IntakeComponent(broker, database, EVENTS_QUEUE, intake.events),
        IntakeComponent(broker, database, COMMANDS_QUEUE, intake.commands),
        WorkLoop(
            database,
            work_handlers(settings, database, procore, ledgers),
            lease=lease,
            own_traces=[RUN_JOB],
            sharing=callers,
        ),
        periodic("schedule", timedelta(seconds=settings.schedule_seconds), partial(start_due_jobs, database)),
        SnapshotReader(database, KEPT).component(),
        periodic("sweep", _SWEEP_EVERY, partial(sweep, database)),
        cleaning(database),
        measuring(database, MEASURES),
    ]


async def run_worker(settings: Settings) -> int:
    """Run the worker until it is told to stop; gives the exit code."""
    ledgers = LedgersFile.read(settings.ledgers_file)
    database = make_database(settings)
    broker = Broker(settings.amqp_url, name=SERVICE)
    procore = ProcoreClients(settings)
    return await supervise(
        f"{SERVICE} worker",
        components(settings, database, broker, procore, ledgers),
        settings=settings,
        closers=[broker.close, procore.close, ledgers.close, database.dispose],
    )
