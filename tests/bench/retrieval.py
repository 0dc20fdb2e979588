"""One run of payment retrieval in a process of its own, so that its memory is nobody else's.

It retrieves and matches; what it has matched stays unsettled.
"""

import asyncio
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import uvloop
from pydantic import BaseModel, SecretStr

from drawbridge.contracts.envelope import Cause
from drawbridge.payment_backfiller.outside import LedgersFile
from drawbridge.payment_backfiller.store.tables import SCHEMA
from drawbridge.payment_backfiller.usecases.run_job import RUN_JOB, SCHEDULE, RunJob
from drawbridge.payment_backfiller.usecases.take_facts import Taking
from drawbridge.persistence import JSON, Database, NewWork, WorkStore
from drawbridge.runtime import spare_collector

_LEASE = timedelta(hours=2)
_LEDGER = "sage-main"


class Run(BaseModel):
    """What one run took: seconds, and memory at most."""

    seconds: float
    mib: float
    counts: dict[str, int]


async def _settle_later(_taking: Taking) -> None:
    """Settling is told apart by design: it goes on from what was matched, in any later run."""


async def start_retrieval(database_url: SecretStr, preset: Path) -> Run:
    """Run it in a fresh process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.retrieval",
        str(preset),
        env={"DRAWBRIDGE_SECRET_BOOKS": database_url.get_secret_value(), "PATH": "", "TZ": "UTC"},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"The run ended with {process.returncode}.")
    return Run.model_validate_json(out)


async def _run(url: str, preset: str) -> Run:
    database = Database(SecretStr(url), schema=SCHEMA, service="payment-backfiller")
    ledgers = LedgersFile({_LEDGER: {"preset": preset, "url": "env:DRAWBRIDGE_SECRET_BOOKS"}})
    payload: dict[str, JSON] = {"job": "payment_retrieval", "dry_run": False, "requested_by": SCHEDULE}
    async with database.transaction() as tx:
        await tx.add_work(NewWork(RUN_JOB, "job/bench", "main", payload, Cause.new()))
    [item] = await WorkStore(database).lease([RUN_JOB], 1, _LEASE)
    setattr(Taking, "settle_rest", _settle_later)  # noqa: B010  # a type checker would not have it
    started = time.perf_counter()
    await RunJob(database, ledgers, overlap=timedelta(days=2)).run(item)
    seconds = time.perf_counter() - started
    async with database.bookkeeping() as connection:
        found = await connection.exec_driver_sql("SELECT counts FROM runs ORDER BY started_at DESC LIMIT 1")
        counts = found.scalar_one()
    await database.dispose()
    await ledgers.close()
    return Run(seconds=seconds, mib=_peak_mib(), counts=counts)


def _peak_mib() -> float:
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    spare_collector()
    run = asyncio.run(
        _run(os.environ["DRAWBRIDGE_SECRET_BOOKS"], sys.argv[1]), loop_factory=uvloop.new_event_loop
    )
    print(json.dumps(run.model_dump()))
