"""The owner's side of a snapshot: everything once, nothing lost, and never in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import insert, text, update

from drawbridge.contracts.errors import Waiting
from drawbridge.contracts.snapshots import HistoryTold, RequestSnapshot, SnapshotFinished, SnapshotProgress
from drawbridge.contracts.values import EPOCH_SIZE
from drawbridge.persistence import Database
from drawbridge.persistence.snapshots import SnapshotWork, after_restore, telling
from tests.factories.core import CAUSE, Noted
from tests.factories.snapshots import (
    FIRST,
    OWNED,
    SECOND,
    NoteState,
    ask,
    in_snapshot,
    lease,
    notes,
    run_to_the_end,
    sample_owner,
    sent,
    write_note,
)


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_owner(postgres_database) as made:
        yield made


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_PAGE", 3)
    monkeypatch.setattr(telling, "_PAUSE_SECONDS", 0.01)


async def test_all_states_then_the_history_then_the_counts_are_told(database: Database) -> None:
    for number in range(5):
        await write_note(database, f"n{number}", version=number + 1)
    await ask(database)
    await run_to_the_end(database)
    told = await in_snapshot(database)
    assert [(each.id, each.version, each.change.by) for each in told] == [
        (f"n{number}", number + 1, "kim") for number in range(5)
    ]
    history, finished = (await sent(database))[-2:]
    assert isinstance(history, HistoryTold)
    assert [(line.subject, line.version) for line in history.lines] == [
        (f"note/main/n{number}", number + 1) for number in range(5)
    ]
    assert isinstance(finished, SnapshotFinished)
    assert finished.counts == {NoteState.TYPE: 5}


@pytest.mark.usefixtures("small_pages")
async def test_a_snapshot_goes_on_where_its_worker_died(database: Database) -> None:
    for number in range(40):
        await write_note(database, f"n{number:02}")
    await ask(database)
    deaths = 0
    while item := await lease(database):
        running = asyncio.create_task(SnapshotWork(database, OWNED).run(item))
        await asyncio.sleep(0.06)
        deaths += not running.done()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await _expire(database)
    told = [each.id for each in await in_snapshot(database)]
    assert told == [f"n{number:02}" for number in range(40)]
    assert isinstance((await sent(database))[-1], SnapshotFinished)
    print(f"deaths={deaths} told={len(told)} repeated=0 lost=0")
    assert deaths > 1


async def test_a_note_that_is_being_committed_at_the_start_is_in_it(
    database: Database, postgres_database: str
) -> None:
    await write_note(database, "before")
    other = await asyncpg.connect(postgres_database, server_settings={"search_path": "sample"})
    try:
        late = other.transaction()
        await late.start()
        await other.execute("INSERT INTO notes VALUES ('late', 1, 'x')")
        await other.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('sample telling', 0))")
        await ask(database)
        running = asyncio.create_task(run_to_the_end(database))
        await asyncio.sleep(0.3)
        assert await in_snapshot(database) == []
        await late.commit()
    finally:
        await other.close()
    await running
    assert [each.id for each in await in_snapshot(database)] == ["before", "late"]


async def test_senders_of_states_do_not_wait_for_one_another(
    database: Database, postgres_database: str
) -> None:
    other = await asyncpg.connect(postgres_database)
    try:
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('sample telling', 0))")
            async with asyncio.timeout(30):
                await write_note(database, "meanwhile")
    finally:
        await other.close()


async def test_a_snapshot_waits_while_the_outbox_is_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_MOST_UNSENT", 3)
    await write_note(database, "n")
    async with database.transaction() as tx:
        for number in range(5):
            tx.send(Noted(text=str(number)), cause=CAUSE)
    await ask(database)
    item = await lease(database)
    assert item is not None
    with pytest.raises(Waiting, match="outbox_full"):
        await SnapshotWork(database, OWNED).run(item)
    assert await in_snapshot(database) == []


@pytest.mark.usefixtures("small_pages")
async def test_it_tells_how_far_it_is_and_lets_others_work(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_SLICE_SECONDS", 0.05)
    for number in range(30):
        await write_note(database, f"n{number:02}")
    await ask(database)
    rounds = await run_to_the_end(database)
    progress = [each.sent for each in await sent(database) if isinstance(each, SnapshotProgress)]
    assert rounds > 1
    assert progress == sorted(progress)
    assert all(each.total == 30 for each in await sent(database) if isinstance(each, SnapshotProgress))


async def test_a_newer_request_ends_an_older_one(database: Database) -> None:
    await write_note(database, "n")
    await ask(database, FIRST)
    await ask(database, SECOND)
    await run_to_the_end(database)
    ended = [each.snapshot_id for each in await sent(database) if isinstance(each, SnapshotFinished)]
    assert ended == [SECOND]


async def test_after_a_restore_every_subject_has_a_version_of_a_new_epoch(database: Database) -> None:
    for number in range(3):
        await write_note(database, f"n{number}", version=number + 1)
    async with database.transaction() as tx:
        await tx.session.execute(insert(notes).values(id="never-told", version=0, text="x"))
    said: list[str] = []
    done = await after_restore(database, OWNED, ("import-service",), said.append)
    assert (done.epoch, done.subjects) == (1, 3)
    assert said == ["note/main: 3 subjects have a version of epoch 1."]
    await run_to_the_end(database)
    told = await in_snapshot(database, done.snapshot_id)
    assert [each.version for each in told] == [EPOCH_SIZE + 1] * 3
    assert {each.change.what for each in told} == {"restored"}
    asked = [each.owner for each in await sent(database) if isinstance(each, RequestSnapshot)]
    assert asked == ["import-service"]
    again = await after_restore(database, OWNED, (), said.append)
    assert again.epoch == 2


async def _expire(database: Database) -> None:
    """Let the leases of dead workers end at once."""
    items = database.tables.work_items
    async with database.bookkeeping() as connection:
        await connection.execute(update(items).values(leased_until=text("now() - interval '1 second'")))
