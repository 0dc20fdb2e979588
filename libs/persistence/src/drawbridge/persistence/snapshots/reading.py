"""The reader's side: mark what a snapshot names; when all of it is here, remove what it does not name.

A table that keeps another service's states has three columns for this: ``version``, ``told_at`` (the date of
the event that it shows) and ``snapshot_id`` (the last snapshot that named it).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.message import StateEvent
from drawbridge.contracts.snapshots import Owner, SnapshotFinished
from drawbridge.contracts.values import EPOCH_SIZE
from drawbridge.persistence.database import Database
from drawbridge.persistence.tables import CoreTables
from drawbridge.persistence.transaction import Transaction
from drawbridge.runtime import Component, get_logger, periodic

_EVERY = timedelta(seconds=1)
_log = get_logger(__name__)

type OnRemoved = Callable[[Transaction, Sequence[Row[Any]]], Awaitable[None]]
"""Told of the rows that were removed, in the transaction that removes them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that keeps the states of one type that another service owns."""

    owner: Owner
    model: type[StateEvent]
    table: Table
    on_removed: OnRemoved | None = None


class Lost:
    """Tells versions of an owner's time before a restore: nobody may believe them any more."""

    def __init__(self, epochs: Mapping[str, int]) -> None:
        self._epochs = epochs

    def __call__(self, owner: Owner, version: int) -> bool:
        """Whether the version is of an epoch before the owner's last snapshot."""
        return version < self._epochs.get(owner, 0) * EPOCH_SIZE


async def lost_epochs(session: AsyncSession, core: CoreTables) -> Lost:
    """What is known of each owner's epoch."""
    table = core.snapshots
    query = select(table.c.owner, func.max(table.c.epoch).label("epoch")).group_by(table.c.owner)
    return Lost({row.owner: row.epoch for row in await session.execute(query)})


async def note_finished(
    session: AsyncSession, core: CoreTables, finished: Sequence[SnapshotFinished]
) -> None:
    """Keep that snapshots are complete at their owner; `SnapshotReader` does the rest."""
    rows = {
        each.snapshot_id: {
            "id": each.snapshot_id,
            "owner": each.owner,
            "epoch": each.epoch,
            "started_at": each.started_at,
            "counts": each.counts,
        }
        for each in finished
    }
    if rows:
        statement = insert(core.snapshots).values(list(rows.values()))
        await session.execute(statement.on_conflict_do_nothing())


async def mark(session: AsyncSession, table: Table, keys: Sequence[Sequence[Any]], snapshot_id: str) -> None:
    """Note that a snapshot names these rows (primary keys), whatever version they show."""
    if not keys:
        return
    columns = list(table.primary_key)
    older = or_(table.c.snapshot_id.is_(None), table.c.snapshot_id < snapshot_id)
    these = tuple_(*columns).in_([tuple(key) for key in keys])
    ours = select(*columns).where(these, older).order_by(*columns).with_for_update().cte("ours")
    same = and_(*(column == ours.c[column.name] for column in columns))
    await session.execute(update(table).where(same).values(snapshot_id=snapshot_id))


class SnapshotReader:
    """Settles the newest snapshot of each owner."""

    def __init__(self, database: Database, kept: Sequence[Kept]) -> None:
        self._database = database
        self._kept = kept

    def component(self) -> Component:
        """A component that looks every second."""
        return periodic("snapshots", _EVERY, self.settle)

    async def settle(self) -> None:
        """Settle what is all here; the counts tell."""
        table = self._database.tables.snapshots
        newest = select(table).ext(distinct_on(table.c.owner))
        async with self._database.reading() as session:
            rows = (await session.execute(newest.order_by(table.c.owner, table.c.id.desc()))).all()
        for row in rows:
            if row.settled_at is None:
                await self._settle(row)

    async def _settle(self, snapshot: Row[Any]) -> None:
        theirs = [each for each in self._kept if each.owner == snapshot.owner]
        ours = [each for each in theirs if each.model.TYPE in snapshot.counts]
        async with self._database.transaction() as tx:
            for kept in ours:
                if await _marked(tx.session, kept.table, snapshot.id) < snapshot.counts[kept.model.TYPE]:
                    return
            removed = {kept.model.TYPE: await _remove(tx, kept, snapshot) for kept in ours}
            table = self._database.tables.snapshots
            done = update(table).where(table.c.id == snapshot.id)
            await tx.session.execute(done.values(settled_at=func.now(), removed=removed))
        _log.info("snapshot.settled", snapshot_id=snapshot.id, owner=snapshot.owner, removed=removed)


async def _marked(session: AsyncSession, table: Table, snapshot_id: str) -> int:
    query = select(func.count()).select_from(table).where(table.c.snapshot_id == snapshot_id)
    return (await session.execute(query)).scalar_one()


async def _remove(tx: Transaction, kept: Kept, snapshot: Row[Any]) -> int:
    """Remove what the owner does not know: not named, and not told since the snapshot began."""
    columns = kept.table.c
    unnamed: ColumnElement[bool] = or_(columns.snapshot_id.is_(None), columns.snapshot_id < snapshot.id)
    before = or_(
        columns.told_at <= snapshot.started_at, columns.version < literal(snapshot.epoch * EPOCH_SIZE)
    )
    statement = delete(kept.table).where(unnamed, before).returning(*columns)
    rows = (await tx.session.execute(statement)).all()
    if rows and kept.on_removed is not None:
        await kept.on_removed(tx, rows)
    return len(rows)
