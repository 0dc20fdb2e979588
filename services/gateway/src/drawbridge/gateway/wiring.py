"""The composition root of the worker: the only place that knows every part of it."""

from datetime import timedelta
from functools import partial

from drawbridge.gateway.entrypoints.intake import commands_intake, events_intake, parked_intake
from drawbridge.gateway.settings import Settings
from drawbridge.gateway.store.measures import MEASURES
from drawbridge.gateway.store.opening import open_database
from drawbridge.gateway.store.owned import KEPT, OWNED
from drawbridge.gateway.usecases.announce_vaults import announce_vaults
from drawbridge.gateway.usecases.answer_once import forget_answers
from drawbridge.gateway.usecases.listen import forget_events
from drawbridge.messaging import Broker, Relay
from drawbridge.persistence import Database, WorkLoop, cleaning, measuring
from drawbridge.persistence.snapshots import SnapshotReader, SnapshotWork
from drawbridge.runtime import Component, periodic, supervise

_HOUR = timedelta(hours=1)


def worker_components(database: Database, broker: Broker, settings: Settings) -> list[Component]:
    """The parts of the worker."""
    return [
        Relay(database, broker),
        events_intake(broker, database),
        commands_intake(broker, database),
        parked_intake(broker, database),
        WorkLoop(
            database,
            [SnapshotWork(database, OWNED)],
            concurrency=1,
            lease=timedelta(seconds=settings.lease_seconds),
        ),
        SnapshotReader(database, KEPT).component(),
        periodic(
            "announce vaults",
            timedelta(seconds=settings.announce_seconds),
            partial(announce_vaults, database),
        ),
        periodic("forget answers", _HOUR, partial(forget_answers, database)),
        periodic("forget events", _HOUR, partial(forget_events, database)),
        cleaning(database),
        measuring(database, MEASURES),
    ]


async def run_worker(settings: Settings) -> int:
    """Run the worker until a signal; gives the exit code."""
    database = open_database(settings)
    broker = Broker(settings.amqp_url, name="gateway worker")
    components = worker_components(database, broker, settings)
    return await supervise(
        "gateway worker", components, settings=settings, closers=[broker.close, database.dispose]
    )
