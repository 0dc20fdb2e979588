"""Adding and leasing work: no item twice at one time, clicks first, vaults in turn."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from drawbridge.contracts.errors import Problem
from drawbridge.persistence import Database, LeaseLost, WorkItem
from drawbridge.persistence.work_store import WorkStore
from tests.factories.core import CAUSE, Noted, count, sample_database, work

MINUTE = timedelta(minutes=1)
PROBLEM = Problem(code="down", message="It is down.")


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        yield made


async def _lease(
    database: Database, places: int = 10, lease: timedelta = MINUTE, *, lapsed: bool = False
) -> list[WorkItem]:
    return await WorkStore(database).lease(["fetch"], places, lease, lapsed=lapsed)


async def test_item_comes_back_as_it_was_added(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(work("a", priority=0))
    [item] = await _lease(database)
    assert (item.kind, item.subject, item.vault_id, item.payload) == ("fetch", "a", "main", {"subject": "a"})
    assert (item.cause, item.priority, item.attempts, item.origin) == (CAUSE, 0, 1, None)


async def test_repeat_is_joined_to_the_unfinished_item_and_makes_it_as_urgent(database: Database) -> None:
    bulk = replace(work("a", priority=9), unique=True)
    async with database.transaction() as tx:
        assert await tx.add_work(bulk, bulk) == [True, False]
    async with database.transaction() as tx:
        assert await tx.add_work(replace(bulk, priority=0), replace(bulk, subject="b")) == [False, True]
    assert [(item.subject, item.priority) for item in await _lease(database)] == [("a", 0), ("b", 9)]


async def test_repeat_after_the_last_one_finished_is_new(database: Database) -> None:
    unique = replace(work("a"), unique=True)
    async with database.transaction() as tx:
        await tx.add_work(unique)
    [item] = await _lease(database)
    async with database.finishing(item) as tx:
        assert await tx.add_work(unique) == [True]
    assert len(await _lease(database)) == 1


async def test_what_is_asked_for_again_while_it_runs_runs_once_more(database: Database) -> None:
    asked = replace(work("a", priority=9), unique=True, again=True)
    async with database.transaction() as tx:
        assert await tx.add_work(asked, asked) == [True, False]
    async with database.transaction() as tx:
        await tx.add_work(asked)
    [item] = await _lease(database)
    async with database.transaction() as tx:
        assert await tx.add_work(replace(asked, priority=0)) == [False]
        await tx.add_work(replace(asked, again=False))
    async with database.finishing(item) as tx:
        assert await tx.add_work(asked) == [False]
    [anew] = await _lease(database)
    assert (anew.subject, anew.payload, anew.cause, anew.priority, anew.attempts) == (
        item.subject,
        item.payload,
        item.cause,
        0,
        1,
    )
    async with database.finishing(anew):
        pass
    assert await count(database, "work_items") == 0


async def test_items_of_one_subject_are_all_kept_where_they_are_not_unique(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.add_work(work("a"), work("a")) == [True, True]
    assert len(await _lease(database)) == 2


async def test_clicks_go_before_bulk_work_and_vaults_take_turns(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(*(work(f"big {n}", vault_id="big", priority=9) for n in range(40)))
        await tx.add_work(*(work(f"small {n}", vault_id="small", priority=9) for n in range(3)))
        await tx.add_work(work("click", vault_id="big", priority=0))
    first = await _lease(database, places=7)
    assert "click" in {item.subject for item in first}
    assert Counter(item.vault_id for item in first) == {"big": 4, "small": 3}


async def test_what_a_vault_has_running_counts_as_its_turns(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(*(work(f"big {n}", vault_id="big") for n in range(10)))
    await _lease(database, places=4)
    async with database.transaction() as tx:
        await tx.add_work(*(work(f"small {n}", vault_id="small") for n in range(4)))
    assert {item.vault_id for item in await _lease(database, places=4)} == {"small"}


async def test_item_is_not_due_before_its_time(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(replace(work("later"), not_before=tx.now + MINUTE), work("now"))
    assert [item.subject for item in await _lease(database)] == ["now"]


async def test_kinds_without_a_handler_stay_where_they_are(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(work("a", kind="other"))
    assert await _lease(database) == []


async def test_many_workers_never_lease_one_item_twice(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(*(work(str(n), vault_id=str(n % 3)) for n in range(200)))
    seen: list[str] = []
    while len(seen) < 200:
        for items in await asyncio.gather(*(_lease(database, places=7) for _ in range(5))):
            seen += [item.subject for item in items]
    assert len(seen) == len(set(seen)) == 200


async def test_ended_lease_is_taken_over_and_the_old_holder_commits_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    [old] = await _lease(database, lease=timedelta(milliseconds=20))
    await asyncio.sleep(0.05)
    assert await _lease(database) == []
    [new] = await _lease(database, lapsed=True)
    assert (new.id, new.attempts, new.lapsed) == (old.id, 2, True)
    with pytest.raises(LeaseLost):
        async with database.finishing(old) as tx:
            tx.send(Noted(text="old"), cause=CAUSE)
    async with database.finishing(new) as tx:
        await tx.session.execute(text("INSERT INTO effects VALUES ('new')"))
    assert (await count(database, "effects"), await count(database, "outbox")) == (1, 0)
    assert await count(database, "work_items") == 0


async def test_finishing_that_fails_keeps_the_item(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    [item] = await _lease(database)
    with pytest.raises(RuntimeError):
        async with database.finishing(item):
            raise RuntimeError
    assert await count(database, "work_items") == 1


async def test_lease_is_extended_only_while_it_is_ours(database: Database) -> None:
    store = WorkStore(database)
    async with database.transaction() as tx:
        await tx.add_work(work("a"), work("b"))
    first, second = await _lease(database, lease=timedelta(milliseconds=20))
    async with database.finishing(second):
        pass
    assert await store.extend([first, second], MINUTE) == {first.id}
    await asyncio.sleep(0.05)
    assert await _lease(database) == []
    await store.release([first])
    assert [item.id for item in await _lease(database)] == [first.id]


async def test_waiting_takes_the_attempt_back_and_says_why(database: Database) -> None:
    store = WorkStore(database)
    async with database.transaction() as tx:
        await tx.add_work(work("a"))
    for waiting in (True, False):
        [item] = await _lease(database)
        assert item.attempts == 1
        async with database.transaction() as tx:
            assert await store.postpone(tx, item, PROBLEM, tx.now, waiting=waiting)
            assert not await store.postpone(tx, item, PROBLEM, tx.now, waiting=waiting)
        reason = "waiting_reason = 'down'" if waiting else "waiting_reason IS NULL"
        assert await count(database, "work_items", f"{reason} AND last_error ->> 'code' = 'down'") == 1
    [item] = await _lease(database)
    assert item.attempts == 2
