"""The reader's side of a snapshot: what it names is mended, what its owner does not know goes, no sooner."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest_asyncio
from sqlalchemy import Row, delete

from drawbridge.contracts.snapshots import SnapshotFinished
from drawbridge.contracts.values import EPOCH_SIZE
from drawbridge.persistence import Database, Transaction
from drawbridge.persistence.snapshots import Kept, SnapshotReader, note_finished
from drawbridge.runtime import utc_now
from tests.factories.snapshots import (
    FIRST,
    KEPT,
    SECOND,
    NoteState,
    finished,
    hear,
    kept_notes,
    known,
    note_row,
    sample_owner,
)


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_owner(postgres_database) as made:
        yield made


async def _settle(database: Database, *ends: SnapshotFinished, kept: Kept = KEPT) -> None:
    async with database.transaction() as tx:
        await note_finished(tx.session, database.tables, ends)
    await SnapshotReader(database, [kept]).settle()


async def test_the_highest_version_wins_in_every_order(database: Database) -> None:
    events = [
        note_row("n", 1, "one"),
        note_row("n", 2, "two"),
        note_row("n", 3, "three"),
        note_row("n", 2, "two", snapshot_id=FIRST),
    ]
    orders = list(permutations(events))
    for order in orders:
        for event in order:
            await hear(database, event)
        assert await known(database) == {"n": (3, "three")}
        await _forget(database)
        await hear(database, *order)
        assert await known(database) == {"n": (3, "three")}
        await _forget(database)
    print(f"orders={len(orders)} wrong=0")


async def test_only_a_snapshot_replaces_an_equal_version_and_only_if_it_differs(database: Database) -> None:
    await hear(database, note_row("n", 1, "spoilt"))
    assert await hear(database, note_row("n", 1, "right")) == []
    assert await hear(database, note_row("n", 1, "right", snapshot_id=FIRST)) == ["n"]
    assert await hear(database, note_row("n", 1, "right", snapshot_id=SECOND)) == []
    assert await known(database) == {"n": (1, "right")}


async def test_nothing_is_removed_before_all_of_the_snapshot_is_here(database: Database) -> None:
    began = utc_now() + timedelta(seconds=1)
    await hear(database, note_row("unknown", 9), note_row("a", 1))
    await hear(database, note_row("a", 1, snapshot_id=FIRST))
    await _settle(database, finished(2, started_at=began))
    assert set(await known(database)) == {"unknown", "a"}
    await hear(database, note_row("b", 1, snapshot_id=FIRST))
    await _settle(database)
    assert set(await known(database)) == {"a", "b"}


async def test_what_was_told_after_the_start_stays(database: Database) -> None:
    began = utc_now()
    await hear(database, note_row("old", 1, told_at=began - timedelta(hours=1)))
    await hear(database, note_row("at-once", 1, told_at=began))
    await hear(database, note_row("new", 1, told_at=began + timedelta(microseconds=1)))
    await _settle(database, finished(0, started_at=began))
    assert set(await known(database)) == {"new"}


async def test_a_stale_event_in_a_snapshot_marks_the_newer_row(database: Database) -> None:
    began = utc_now()
    await hear(database, note_row("n", 5, "newer", told_at=began - timedelta(hours=1)))
    await hear(database, note_row("n", 4, "older", snapshot_id=FIRST))
    await _settle(database, finished(1, started_at=began))
    assert await known(database) == {"n": (5, "newer")}


async def test_a_change_after_the_mark_keeps_the_mark(database: Database) -> None:
    began = utc_now()
    await hear(database, note_row("n", 1, snapshot_id=FIRST))
    await hear(database, note_row("n", 2, "changed"))
    await hear(database, note_row("unknown", 1, told_at=began - timedelta(hours=1)))
    await _settle(database, finished(1, started_at=began))
    assert await known(database) == {"n": (2, "changed")}


async def test_a_late_message_of_an_older_snapshot_takes_no_mark_back(database: Database) -> None:
    began = utc_now()
    await hear(database, note_row("n", 1, snapshot_id=SECOND))
    await hear(database, note_row("n", 1, snapshot_id=FIRST))
    await hear(database, note_row("unknown", 1, told_at=began - timedelta(hours=1)))
    await _settle(
        database,
        finished(1, started_at=began, snapshot_id=SECOND),
        finished(1, started_at=began, snapshot_id=FIRST),
    )
    assert set(await known(database)) == {"n"}


async def test_a_message_from_before_the_restore_brings_nothing_back(database: Database) -> None:
    ahead = utc_now() + timedelta(hours=1)
    await hear(database, note_row("lost", 7, told_at=ahead))
    await hear(database, note_row("n", EPOCH_SIZE + 1, snapshot_id=FIRST))
    await _settle(database, finished(1, started_at=utc_now(), epoch=1))
    assert set(await known(database)) == {"n"}
    await hear(database, note_row("lost", 8), note_row("n", 9, "of the lost time"))
    assert await known(database) == {"n": (EPOCH_SIZE + 1, "hello")}


async def test_who_keeps_them_is_told_of_removed_rows_once(database: Database) -> None:
    removed: list[str] = []

    async def note(_tx: Transaction, rows: Sequence[Row[Any]]) -> None:
        removed.extend(row.id for row in rows)

    kept = Kept("cloud-service", NoteState, kept_notes, on_removed=note)
    await hear(database, note_row("unknown", 1, told_at=utc_now() - timedelta(hours=1)))
    for _ in range(3):
        await _settle(database, finished(0, started_at=utc_now()), kept=kept)
    assert removed == ["unknown"]


async def _forget(database: Database) -> None:
    async with database.bookkeeping() as connection:
        await connection.execute(delete(kept_notes))
