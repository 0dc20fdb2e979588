"""One schema that plays both sides of a snapshot: notes that it owns, and a table that keeps notes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import SecretStr
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    MetaData,
    Table,
    Text,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.message import Message, StateEvent, message_class
from drawbridge.contracts.snapshots import RequestSnapshot, SnapshotFinished
from drawbridge.contracts.values import Change
from drawbridge.persistence import Database, WorkItem
from drawbridge.persistence.snapshots import Kept, Owned, SnapshotWork, keep
from drawbridge.persistence.snapshots.asking import snapshot_work
from drawbridge.persistence.work_store import WorkStore
from drawbridge.runtime import utc_now
from tests.factories.core import CAUSE

SCHEMA = "sample"
FIRST = "20260301T080000000000Z-00000001"
SECOND = "20260301T090000000000Z-00000002"

metadata = MetaData(schema=SCHEMA)
notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)
kept_notes = Table(
    "kept_notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
    Column("snapshot_id", Text),
    Column("text", Text, nullable=False),
)


class NoteState(StateEvent):
    """A note changed."""

    TYPE: ClassVar[str] = "drawbridge.sample-note.state.v1"
    id: str
    text: str

    def subject(self) -> str:
        """What this message is about."""
        return f"note/main/{self.id}"


async def _read(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[NoteState]:
    rows = await session.execute(select(notes).where(condition).order_by(notes.c.id))
    change = Change(what="told", at=utc_now())
    return [NoteState(version=row.version, change=change, id=row.id, text=row.text) for row in rows]


OWNED = (Owned(NoteState, notes, ("note/main", "id"), _read),)
KEPT = Kept("cloud-service", NoteState, kept_notes)


@asynccontextmanager
async def sample_owner(url: str) -> AsyncIterator[Database]:
    """A fresh schema with the core tables and both tables of notes."""
    database = Database(SecretStr(url), schema=SCHEMA, service="cloud-service", pool_size=5)
    try:
        async with database.engine.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            await connection.run_sync(database.tables.outbox.metadata.create_all)
            await connection.run_sync(metadata.create_all)
            await connection.execute(database.tables.epoch.insert().values(id=1, epoch=0))
        yield database
    finally:
        await database.dispose()


async def write_note(database: Database, name: str, version: int = 1, words: str = "hello") -> None:
    """Write a note of our own and tell of it, as a use case does."""
    async with database.transaction() as tx:
        await tx.session.execute(insert(notes).values(id=name, version=version, text=words))
        change = Change(what="written", at=tx.now, by="kim")
        tx.send(NoteState(version=version, change=change, id=name, text=words), cause=CAUSE)


async def ask(database: Database, snapshot_id: str = FIRST) -> None:
    """Ask for a snapshot of the notes."""
    request = RequestSnapshot(snapshot_id=snapshot_id, owner="cloud-service", requested_by="kim")
    async with database.transaction() as tx:
        await tx.add_work(snapshot_work(request, CAUSE))


async def lease(database: Database, kind: str = "snapshot") -> WorkItem | None:
    """The next due item of the kind, if any; also one whose worker went away without a word."""
    store = WorkStore(database)
    for lapsed in (False, True):
        if items := await store.lease([kind], 1, timedelta(seconds=60), lapsed=lapsed):
            return items[0]
    return None


async def run_to_the_end(database: Database) -> int:
    """Do the snapshot's work item until it is gone; gives how often it was taken."""
    rounds = 0
    while item := await lease(database):
        await SnapshotWork(database, OWNED).run(item)
        rounds += 1
    return rounds


async def sent(database: Database) -> list[Message]:
    """All messages in the outbox, the oldest first."""
    outbox = database.tables.outbox
    async with database.reading() as session:
        rows = await session.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq))
        return [message_class(row.type).decode(row.payload) for row in rows]


async def in_snapshot(database: Database, snapshot_id: str = FIRST) -> list[NoteState]:
    """The states that a snapshot told."""
    states = [each for each in await sent(database) if isinstance(each, NoteState)]
    return [each for each in states if each.snapshot_id == snapshot_id]


def note_row(
    name: str,
    version: int,
    words: str = "hello",
    *,
    told_at: datetime | None = None,
    snapshot_id: str | None = None,
) -> dict[str, Any]:
    """What a reader takes out of an event."""
    return {
        "id": name,
        "version": version,
        "told_at": told_at or utc_now(),
        "snapshot_id": snapshot_id,
        "text": words,
    }


async def hear(database: Database, *rows: dict[str, Any]) -> list[str]:
    """Keep what events tell, in one batch; gives the ids of the notes that changed."""
    async with database.transaction() as tx:
        changed = await keep(tx.session, database.tables, KEPT, rows)
        return [row.id for row in changed]


async def known(database: Database) -> dict[str, tuple[int, str]]:
    """What the reader keeps: id → (version, text)."""
    async with database.reading() as session:
        return {row.id: (row.version, row.text) for row in await session.execute(select(kept_notes))}


def finished(
    count: int, *, started_at: datetime, snapshot_id: str = FIRST, epoch: int = 0
) -> SnapshotFinished:
    """The end of a snapshot with so many notes."""
    return SnapshotFinished(
        snapshot_id=snapshot_id,
        owner="cloud-service",
        epoch=epoch,
        started_at=started_at,
        counts={NoteState.TYPE: count},
    )
