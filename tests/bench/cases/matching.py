"""``matching``: a ledger's whole history against the imported invoices, beside the bare SQL that does it.

From reading the ledger to the committed ties. What follows, an event and a plan for each allocation that is
ours, is no join: it is left unsettled here.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from drawbridge.payment_backfiller.store.tables import SCHEMA
from drawbridge.testkit.servers import Servers
from tests.bench.cases.matching_rows import PRESET, Size, bare_seconds, fill, writes
from tests.bench.figures import AtMost, note
from tests.bench.place import Connection, Place, Template
from tests.bench.retrieval import Run, start_retrieval

COMPANY = 7
FULL = 1_000_000
ALLOCATIONS_AN_INVOICE = 5
GOAL_RATIO, GOAL_MIB, GOAL_SECONDS = 2, 300, 2


async def bench_matching(servers: Servers, _rounds: int) -> list[AtMost]:
    """One first run and one with nothing new; ``ALLOCATIONS=n`` in the environment makes it smaller."""
    count = int(os.environ.get("ALLOCATIONS", FULL))
    size = Size(count, count // ALLOCATIONS_AN_INVOICE)
    template = await Template.of(servers, "drawbridge.payment_backfiller", SCHEMA)
    with TemporaryDirectory(prefix="drawbridge-bench-") as folder:
        preset = Path(folder) / "books.yaml"
        preset.write_text(PRESET, encoding="utf-8")
        async with template.place() as place:
            return await _measured(place, preset, size)


async def _measured(place: Place, preset: Path, size: Size) -> list[AtMost]:
    connection: Connection = await asyncpg.connect(place.database_url.get_secret_value())
    try:
        await fill(connection, size, COMPANY)
        bare = await bare_seconds(connection)
        first = await start_retrieval(place.database_url, preset)
        await connection.execute("UPDATE payments.bills SET unsettled = false WHERE unsettled")
        await connection.execute("VACUUM ANALYZE")
        before = await writes(connection)
        second = await start_retrieval(place.database_url, preset)
        after = await writes(connection)
    finally:
        await connection.close()
    return _judged(size, bare, first, second, after - before)


def _judged(size: Size, bare: float, first: Run, second: Run, written: int) -> list[AtMost]:
    words = f"{size.allocations} allocations, {size.invoices} invoices"
    note("matching", f"bare SQL {bare:.1f} s, ours {first.seconds:.1f} s")
    note("matching", f"counts of the first run {first.counts}; of the second {second.counts}")
    return [
        AtMost("matching", first.seconds / bare, GOAL_RATIO, "times the bare join and insert", words),
        AtMost("matching_rss", first.mib, GOAL_MIB, "MiB", "peak of the process of the first run"),
        AtMost("matching_again", second.seconds, GOAL_SECONDS, "s", "a second run with nothing new"),
        AtMost("matching_writes", written, 0, "rows", "written by that second run"),
    ]
