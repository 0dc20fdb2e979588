"""The composition root: the only place that knows every part of cloud-service."""

from datetime import timedelta

from drawbridge.cloud_service.entrypoints.intake import COMMANDS_QUEUE, EVENTS_QUEUE, Handlers
from drawbridge.cloud_service.entrypoints.reprocess_door import decode_request
from drawbridge.cloud_service.settings import Settings
from drawbridge.cloud_service.store.owned import KEPT, OWNED
from drawbridge.cloud_service.store.tables import SCHEMA
from drawbridge.cloud_service.usecases.automate import RetryImport
from drawbridge.cloud_service.usecases.await_vault import AwaitVault
from drawbridge.cloud_service.usecases.follow_vaults import SERVICE
from drawbridge.contracts.topology import REPROCESS_QUEUE
from drawbridge.messaging import Broker, Intake, Relay
from drawbridge.persistence import Database, WorkLoop, cleaning, measuring
from drawbridge.persistence.snapshots import SnapshotReader, SnapshotWork
from drawbridge.runtime import Component, supervise


def make_database(settings: Settings) -> Database:
    """The database of the schema ``cloud``."""
    return Database(
        settings.database_url, schema=SCHEMA, service=SERVICE, pool_size=settings.database_pool_size
    )


def components(settings: Settings, database: Database, broker: Broker) -> list[Component]:
    """All parts of the worker."""
    handlers = Handlers(database)
    return [
        Relay(database, broker),
        Intake(broker, database, COMMANDS_QUEUE, handlers.commands),
        Intake(broker, database, EVENTS_QUEUE, handlers.events),
        Intake(broker, database, REPROCESS_QUEUE, handlers.requests, decode=decode_request),
        WorkLoop(
            database,
            [AwaitVault(database), RetryImport(database), SnapshotWork(database, OWNED)],
            lease=timedelta(seconds=settings.lease_seconds),
        ),
        SnapshotReader(database, KEPT).component(),
        cleaning(database),
        measuring(database),
    ]


async def run_worker(settings: Settings) -> int:
    """Run the worker until it is told to stop; gives the exit code."""
    database = make_database(settings)
    broker = Broker(settings.amqp_url, name=SERVICE)
    return await supervise(
        f"{SERVICE} worker",
        components(settings, database, broker),
        settings=settings,
        closers=[broker.close, database.dispose],
    )
