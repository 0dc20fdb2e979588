"""Counts, every few seconds, what waits in a service's own schema, and shows it as metrics.

Every process of a service shows the same figures, because they share the schema: take the highest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import text

from drawbridge.persistence.database import Database
from drawbridge.runtime import Component, periodic
from drawbridge.runtime.metrics import OUTBOX_AGE, OUTBOX_UNSENT, WORK_AGE, WORK_ITEMS

_EVERY = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Measure:
    """A question whose rows are the labels of a gauge, in their order, and then the value."""

    gauge: Gauge
    sql: str


_CORE = (
    Measure(
        OUTBOX_AGE,
        """SELECT :schema, coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM outbox
           WHERE published_at IS NULL AND quarantined_at IS NULL""",
    ),
    Measure(
        OUTBOX_UNSENT,
        "SELECT :schema, count(*) FROM outbox WHERE published_at IS NULL AND quarantined_at IS NULL",
    ),
    Measure(
        WORK_AGE,
        """SELECT :schema, kind, extract(epoch FROM now() - min(next_attempt_at)) FROM work_items
           WHERE next_attempt_at <= now() AND (leased_until IS NULL OR leased_until <= now())
           GROUP BY kind""",
    ),
    Measure(
        WORK_ITEMS,
        """SELECT :schema, kind,
                  CASE WHEN leased_until > now() THEN 'running' WHEN waiting_reason IS NOT NULL THEN 'waiting'
                       WHEN last_error IS NOT NULL THEN 'retry' WHEN next_attempt_at <= now() THEN 'due'
                       ELSE 'later' END AS state, count(*)
           FROM work_items GROUP BY kind, state""",
    ),
)


def measuring(database: Database, own: Sequence[Measure] = ()) -> Component:
    """A component that takes the core's measures and the service's own."""

    async def measure() -> None:
        await measure_once(database, own)

    return periodic("measuring", _EVERY, measure)


async def measure_once(database: Database, own: Sequence[Measure] = ()) -> None:
    """Ask all questions; a label of which nothing is left vanishes."""
    async with database.reading() as session:
        for each in (*_CORE, *own):
            parameters = {"schema": database.schema} if ":schema" in each.sql else {}
            rows = (await session.execute(text(each.sql), parameters)).all()
            each.gauge.clear()
            for *labels, value in rows:
                each.gauge.labels(*labels).set(float(value))
