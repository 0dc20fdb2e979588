"""R8: retries are bounded and spread; counted exactly, for many items that fail every time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio
from sqlalchemy import text

from drawbridge.contracts.errors import Problem, Retryable
from drawbridge.persistence import MAX_ATTEMPTS, Database, Transaction, WorkItem, WorkLoop
from drawbridge.persistence.retry import FIRST_DELAY, LONGEST_DELAY
from drawbridge.runtime import utc_now
from tests.factories.core import count, sample_database, work

ITEMS = 40
WORKERS = 2


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database, pool_size=12) as made:
        yield made


class Failing:
    """Fails every time, and keeps which part of the longest wait each postponement was."""

    kind = "fetch"

    def __init__(self) -> None:
        self.tries: Counter[str] = Counter()
        self.given_up: Counter[str] = Counter()
        self.waits: dict[int, list[float]] = {}

    async def run(self, item: WorkItem) -> None:
        self.tries[item.subject] += 1
        raise Retryable("It timed out.")

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        del tx, problem
        assert not refused
        self.given_up[item.subject] += 1

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        del problem
        assert not waiting
        longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (item.attempts - 1))
        self.waits.setdefault(item.attempts, []).append((next_at - utc_now()) / longest)
        # The wait is noted; the test does not wait.
        await tx.session.execute(
            text("UPDATE work_items SET next_attempt_at = now() WHERE id = :id"), {"id": item.id}
        )


async def test_every_item_is_tried_eight_times_and_the_waits_are_spread(database: Database) -> None:
    handler, stop = Failing(), asyncio.Event()
    async with database.transaction() as tx:
        await tx.add_work(*(work(str(number)) for number in range(ITEMS)))
    loops = [WorkLoop(database, [handler], lease=timedelta(seconds=60)) for _ in range(WORKERS)]
    working = [asyncio.create_task(loop.run(stop)) for loop in loops]
    async with asyncio.timeout(100):
        while await count(database, "work_items") > 0:  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(*working)

    assert handler.tries == {str(number): MAX_ATTEMPTS for number in range(ITEMS)}
    assert handler.given_up == {str(number): 1 for number in range(ITEMS)}
    assert sorted(handler.waits) == list(range(1, MAX_ATTEMPTS))
    assert [len(waits) for waits in handler.waits.values()] == [ITEMS] * (MAX_ATTEMPTS - 1)
    every = [wait for waits in handler.waits.values() for wait in waits]
    assert max(every) <= 1
    fifths = Counter(min(4, int(max(0.0, wait) * 5)) for wait in every)
    assert min(fifths[fifth] for fifth in range(5)) > len(every) / 5 / 3, fifths
    print(
        f"R8 items={ITEMS} tries={handler.tries.total()} of {ITEMS * MAX_ATTEMPTS} given_up={ITEMS} "
        f"mean_wait={sum(every) / len(every):.2f} of the longest"
    )
