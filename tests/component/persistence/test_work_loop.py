"""Work items are run once at a time, tried again, given up or parked, whatever happens to their worker."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from drawbridge.contracts.errors import Problem, Refused, Retryable, Unprocessable, Waiting
from drawbridge.persistence import (
    Claim,
    Database,
    Origin,
    OutboxReader,
    Properties,
    RawMessage,
    Transaction,
    WorkItem,
    WorkLoop,
    claim,
)
from drawbridge.persistence.work_loop import CRASH_LIMIT
from drawbridge.runtime import is_transient, utc_now
from tests.factories.core import Noted, count, sample_database, work
from tests.factories.waiting import looked

ROOT = Path(__file__).parents[3]
LEASE = timedelta(seconds=5)
_LAPSE = "UPDATE work_items SET lease_token = gen_random_uuid(), leased_until = now() - interval '1 s'"
_CUT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND application_name LIKE 'sample-service%' AND datname = current_database()
"""


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database, pool_size=10) as made:
        yield made


@dataclass
class Fetching:
    """A handler that does what the test says, and notes what it was asked."""

    database: Database
    act: Callable[[WorkItem], Awaitable[None]] | None = None
    finishes: bool = True
    kind: str = "fetch"
    ran: list[str] = field(default_factory=list)
    given_up: list[tuple[str, bool]] = field(default_factory=list)
    postponements: list[tuple[str, datetime, bool]] = field(default_factory=list)

    async def run(self, item: WorkItem) -> None:
        self.ran.append(item.subject)
        if self.act is not None:
            await self.act(item)
        if self.finishes:
            async with self.database.finishing(item) as tx:
                tx.send(Noted(text=item.subject), cause=item.cause)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        tx.send(Noted(text=f"{item.subject} {problem.code}"), cause=item.cause)
        self.given_up.append((problem.code, refused))

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        tx.send(Noted(text=f"{item.subject} {problem.code}"), cause=item.cause)
        self.postponements.append((problem.code, next_at, waiting))


def _raising(error: Exception) -> Callable[[WorkItem], Awaitable[None]]:
    async def act(_item: WorkItem) -> None:
        raise error

    return act


@asynccontextmanager
async def _working(*loops: WorkLoop) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _none_left(database: Database) -> bool:
    return await count(database, "work_items") == 0


async def test_item_is_done_soon_after_it_is_added(database: Database) -> None:
    handler = Fetching(database)
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await asyncio.sleep(0.3)
        added = utc_now()
        async with database.transaction() as tx:
            await tx.add_work(work("a"))
        await looked(lambda: _none_left(database))
    [row] = await OutboxReader(database).unsent(10)
    assert row.created_at - added < timedelta(seconds=10)
    assert handler.ran == ["a"]


async def test_several_loops_run_each_item_once(database: Database) -> None:
    handler = Fetching(database)
    async with database.transaction() as tx:
        await tx.add_work(*(work(str(number)) for number in range(100)))
    loops = [WorkLoop(database, [handler], concurrency=4, lease=LEASE) for _ in range(3)]
    async with _working(*loops):
        await looked(lambda: _none_left(database))
    assert sorted(handler.ran) == sorted(str(number) for number in range(100))
    assert await count(database, "outbox") == 100


async def test_no_more_items_run_at_once_than_allowed(database: Database) -> None:
    running = [0, 0]

    async def act(_item: WorkItem) -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.02)
        running[0] -= 1

    async with database.transaction() as tx:
        await tx.add_work(*(work(str(number)) for number in range(20)))
    async with _working(WorkLoop(database, [Fetching(database, act)], concurrency=3, lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert running[1] == 3


async def test_handler_that_returns_without_finishing_finishes_the_item(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [Fetching(database, finishes=False)], lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert await count(database, "outbox") == 0


async def test_failed_attempt_is_postponed_and_counted(database: Database) -> None:
    handler = Fetching(database, _raising(Retryable("It timed out.", after=timedelta(hours=1))))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        postponed = "attempts = 1 AND next_attempt_at > now() + interval '59 minutes' AND lease_token IS NULL"
        await looked(lambda: _one_item(database, postponed))
    [(code, _, waiting)] = handler.postponements
    assert (code, waiting) == ("temporary_failure", False)
    assert await count(database, "outbox") == 1


async def test_waiting_is_no_attempt(database: Database) -> None:
    handler = Fetching(database, _raising(Waiting("procore_limit", utc_now() + timedelta(minutes=5))))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _one_item(database, "attempts = 0 AND waiting_reason = 'procore_limit'"))
    assert [(code, waiting) for code, _, waiting in handler.postponements] == [("procore_limit", True)]


async def test_unexpected_error_is_tried_again_without_showing_its_text(database: Database) -> None:
    handler = Fetching(database, _raising(KeyError("password=hunter2")))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        stored = "last_error ->> 'code' = 'unexpected' AND last_error::text NOT LIKE '%hunter2%'"
        await looked(lambda: _one_item(database, stored))


async def test_refusal_is_an_outcome_of_the_transaction_that_ends_the_item(database: Database) -> None:
    handler = Fetching(database, _raising(Refused("already_tied", "It is tied.", "Untie it.")))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert handler.given_up == [("already_tied", True)]
    assert await count(database, "outbox") == 1


async def test_last_attempt_gives_up(database: Database) -> None:
    handler = Fetching(database, _raising(Retryable("It timed out.")))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE work_items SET attempts = 7"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert handler.given_up == [("temporary_failure", False)]


async def test_parked_item_leaves_nothing_behind_but_the_kept_message(database: Database) -> None:
    raw = RawMessage(
        b"{\xff", {"mine": 1}, Properties(message_id="m"), "drawbridge.public", "reprocess", "door"
    )
    async with database.transaction() as tx:
        await claim(database, tx, [Claim("door/m")])
        await tx.add_work(replace(work("a"), origin=Origin("door/m", raw)))
    handler = Fetching(database, _raising(Unprocessable("no_vault", "There is no such vault.")))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _none_left(database))
    [row] = await OutboxReader(database).unsent(10)
    assert (row.exchange, row.body, row.message_id) == ("drawbridge.dead", b"{\xff", "m")
    assert (row.headers["mine"], row.headers["drawbridge-code"]) == (1, "no_vault")
    assert row.headers["drawbridge-exchange"] == "drawbridge.public"
    assert await count(database, "inbox") == 0
    assert handler.given_up == []


async def test_item_without_a_message_cannot_be_parked_and_is_given_up(database: Database) -> None:
    handler = Fetching(database, _raising(Unprocessable("no_vault", "There is no such vault.")))
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert handler.given_up == [("no_vault", False)]


async def test_lease_is_kept_while_the_item_runs(database: Database) -> None:
    async def act(_item: WorkItem) -> None:
        await asyncio.sleep(1.5)

    handler = Fetching(database, act)
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    loops = [WorkLoop(database, [handler], lease=timedelta(seconds=0.6)) for _ in range(2)]
    async with _working(*loops):
        await looked(lambda: _none_left(database))
    assert handler.ran == ["a"]


async def test_item_that_was_taken_over_is_stopped_here_and_commits_nothing(database: Database) -> None:
    stopped = asyncio.Event()

    async def act(_item: WorkItem) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            stopped.set()

    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    handler = Fetching(database, act)
    async with _working(WorkLoop(database, [handler], lease=timedelta(seconds=0.6))):
        await looked(lambda: _one_item(database, "lease_token IS NOT NULL"))
        async with database.transaction() as tx:
            steal = (
                "UPDATE work_items SET lease_token = gen_random_uuid(), leased_until = now() + interval '1 h'"
            )
            await tx.session.execute(text(steal))
        async with asyncio.timeout(30):
            await stopped.wait()
    assert await count(database, "outbox") == 0
    assert await count(database, "work_items", "leased_until > now()") == 1


async def test_item_that_lost_its_worker_runs_alone_while_the_others_have_their_turns(
    database: Database,
) -> None:
    running: set[str] = set()
    beside: dict[str, set[str]] = {}

    async def act(item: WorkItem) -> None:
        running.add(item.subject)
        await asyncio.sleep(0.02)
        beside[item.subject] = running - {item.subject}
        running.remove(item.subject)

    async with database.transaction() as tx:
        await tx.add_work(*(work(str(number)) for number in range(40)))
        await tx.session.execute(text(f"{_LAPSE} WHERE subject IN ('7', '8')"))
    async with _working(WorkLoop(database, [Fetching(database, act)], concurrency=4, lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert (beside["7"], beside["8"]) == (set(), set())
    assert len(beside) == 40
    assert max(len(others) for others in beside.values()) == 3


async def test_item_that_lost_its_worker_too_often_is_parked_and_not_run_again(database: Database) -> None:
    raw = RawMessage(b"{}", {}, Properties(message_id="m"), "drawbridge.public", "reprocess", "door")
    async with database.transaction() as tx:
        await tx.add_work(replace(work("killer"), origin=Origin("door/m", raw)), work("neighbour"))
        await tx.session.execute(text(f"{_LAPSE}, attempts = {CRASH_LIMIT} WHERE subject = 'killer'"))
        await tx.session.execute(text(f"{_LAPSE}, attempts = {CRASH_LIMIT - 1} WHERE subject = 'neighbour'"))
    handler = Fetching(database)
    async with _working(WorkLoop(database, [handler], lease=LEASE)):
        await looked(lambda: _none_left(database))
    assert handler.ran == ["neighbour"]
    parked = [row for row in await OutboxReader(database).unsent(10) if row.exchange == "drawbridge.dead"]
    assert [row.headers["drawbridge-code"] for row in parked] == ["crashes_its_worker"]


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_item_that_kills_its_process_each_time_is_given_up_and_its_neighbours_are_done(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await tx.add_work(*(work(name) for name in ("a", "b", "killer", "c", "d")))
        nearly = {"attempts": CRASH_LIMIT - 3}
        await tx.session.execute(text("UPDATE work_items SET attempts = :attempts"), nearly)
    deaths = 0
    while await count(database, "work_items") > 0:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.factories.mortal_worker", database.url.get_secret_value()),
            cwd=ROOT,
        )
        deaths += await process.wait() != 0
        assert deaths <= 3
    assert deaths == 3
    told = [json.loads(row.body)["text"] for row in await OutboxReader(database).unsent(10)]
    assert sorted(told) == ["a", "b", "c", "d", "killer crashes_its_worker"]


async def test_stop_waits_for_what_is_running(database: Database) -> None:
    async def act(_item: WorkItem) -> None:
        await asyncio.sleep(0.3)

    handler = Fetching(database, act)
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [handler], lease=LEASE)) as stop:
        await looked(lambda: _one_item(database, "lease_token IS NOT NULL"))
        stop.set()
    assert await _none_left(database)


async def test_cancelled_worker_gives_its_items_back_at_once(database: Database) -> None:
    async def act(_item: WorkItem) -> None:
        await asyncio.sleep(10)

    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    loop = WorkLoop(database, [Fetching(database, act)], lease=timedelta(hours=1))
    task = asyncio.create_task(loop.run(asyncio.Event()))
    await looked(lambda: _one_item(database, "lease_token IS NOT NULL"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await _one_item(database, "lease_token IS NULL AND leased_until IS NULL AND attempts = 1")


async def test_result_is_committed_after_the_database_comes_back(database: Database) -> None:
    async def act(_item: WorkItem) -> None:
        async with database.engine.connect() as connection:
            await connection.execute(text(_CUT_OTHERS))

    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    async with _working(WorkLoop(database, [Fetching(database, act)], lease=LEASE)):
        await looked(lambda: _none_left_if_it_answers(database))
    assert await count(database, "outbox") == 1


async def _none_left_if_it_answers(database: Database) -> bool:
    """Our own look may be cut off, too."""
    try:
        return await _none_left(database)
    except Exception as error:
        if not is_transient(error):
            raise
        return False


async def _one_item(database: Database, where: str) -> bool:
    return await count(database, "work_items", where) == 1
