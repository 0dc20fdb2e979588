"""Whatever happens: after the next sweep Procore shows what the ledger paid, to the cent, each once.

Checks over many bills, parts, discounts, credits, money that comes back, voids in every shape, re-issues,
edits, go-live in the middle and payments typed by hand; crashes and kills at the failpoints, answers lost or
late, workers cut off or paused past their lease, both jobs and two workers at once, and our database set back
to a backup. Rows that another connector locks, so that they can only be offset; voids taken back. Every other
history lets Drawbridge write `origin_id`, every other pair has a Procore that takes negative amounts.
"""

import gc
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.payment_backfiller.store.tables import SCHEMA
from drawbridge.persistence import Database
from drawbridge.runtime import failpoints
from drawbridge.sandbox.procore import Procore, seeded_procore
from tests.factories.histories.backup import Backups
from tests.factories.histories.books import Books, OneLedger
from tests.factories.histories.desk import Desk
from tests.factories.histories.history import History
from tests.factories.histories.workers import Workers

pytestmark = pytest.mark.filterwarnings("ignore:unclosed connection <asyncpg:ResourceWarning")
"""A worker that is killed while it connects closes nothing; the operating system does that elsewhere."""

SHORT = 2
LONG = 200
FIRST_SEED = 20_260_301


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    """The service's own database, without a broker."""
    url = SecretStr(postgres_database)
    database = Database(url, schema=SCHEMA, service="payment-backfiller", pool_size=8)
    yield database
    await database.dispose()


def _requisitions(procore: Procore) -> list[dict[str, Any]]:
    """Two invoices on each of two commitments that nobody has paid yet."""
    paid = {row.public["contract_id"] for row in procore.payments.values()}
    by_commitment: dict[int, list[dict[str, Any]]] = {}
    for each in procore.requisitions.values():
        if each["commitment_id"] not in paid:
            by_commitment.setdefault(each["commitment_id"], []).append(each)
    first, second = [found[:2] for found in by_commitment.values() if len(found) > 1][:2]
    return [first[0], second[0], first[1], second[1]]


async def _live(seed: int, database: Database, backups: Backups, patch: pytest.MonkeyPatch) -> History:
    """One history from an empty database to its last sweep."""
    procore, books = seeded_procore(), Books()
    await backups.empty()
    desk = Desk(procore, None, None)  # type: ignore[arg-type]  # set below, they know each other
    workers = Workers(database, desk, OneLedger(books))
    history = History(seed, procore, books, workers, backups, _requisitions(procore))
    desk.rng, desk.take_over = history.rng, workers.take_over
    patch.setattr(failpoints, "hit", workers.hit)
    try:
        await history.live()
    finally:
        failpoints.arm("")
        await workers.stop()
        gc.collect()  # what killed workers left is found here, where it is expected, and in no later test
    return history


async def _check(seed: int, database: Database, backups: Backups, patch: pytest.MonkeyPatch) -> History:
    """Live one history, and compare its end with the ledger."""
    print(f"seed={seed}", flush=True)
    history = await _live(seed, database, backups, patch)
    expected, found = history.expected(), history.locks.found()
    missing, more = expected - found, found - expected
    assert not missing, f"seed {seed}: missing in Procore {missing}"
    assert not more, f"seed {seed}: too much in Procore {more}"
    assert not history.locks.doubled(), f"seed {seed}: twice in Procore {history.locks.doubled()}"
    assert history.untouched(), f"seed {seed}: a row typed by hand was changed"
    return history


@pytest.mark.timeout(180)
async def test_a_few_random_histories_end_as_the_ledger_says(
    database: Database, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + SHORT):
        await _check(seed, database, Backups(postgres_database), monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_two_hundred_random_histories_end_as_the_ledger_says(
    database: Database, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``SEED=n`` begins with another one, ``SEEDS=n`` lives so many."""
    first, many = int(os.environ.get("SEED", FIRST_SEED)), int(os.environ.get("SEEDS", LONG))
    killed = offset = 0
    for seed in range(first, first + many):
        history = await _check(seed, database, Backups(postgres_database), monkeypatch)
        killed, offset = killed + history.workers.killed, offset + history.locks.offset()
    print(f"histories={many} killed={killed} offset={offset} missing=0 duplicates=0 foreign_touched=0")
