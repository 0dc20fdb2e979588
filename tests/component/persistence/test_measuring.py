"""What waits in a schema is counted, and what is gone vanishes."""

from datetime import timedelta

from prometheus_client import REGISTRY

from drawbridge.persistence.measuring import measure_once
from drawbridge.runtime import utc_now
from tests.factories.core import CAUSE, Noted, sample_database, work


def _value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"schema": "sample"} | labels)


async def test_what_waits_is_counted_and_what_is_gone_vanishes(postgres_database: str) -> None:
    async with sample_database(postgres_database) as database:
        async with database.transaction() as tx:
            tx.now = utc_now() - timedelta(minutes=5)
            tx.send(Noted(text="a"), cause=CAUSE)
            await tx.add_work(work("a"), work("b"))
        await measure_once(database)
        age = _value("drawbridge_work_age_seconds", kind="fetch")
        assert age is not None
        assert age >= 300
        assert _value("drawbridge_work_items", kind="fetch", state="due") == 2
        assert (_value("drawbridge_outbox_age_seconds") or 0) >= 300
        assert _value("drawbridge_outbox_unsent") == 1

        async with database.bookkeeping() as connection:
            await connection.execute(database.tables.work_items.delete())
            await connection.execute(database.tables.outbox.delete())
        await measure_once(database)
        assert _value("drawbridge_work_age_seconds", kind="fetch") is None
        assert _value("drawbridge_outbox_age_seconds") == 0
        assert _value("drawbridge_outbox_unsent") == 0
