"""The owner's side: a work item that tells all states and the history again, page by page.

A page is one transaction: its messages, and how far the item is. So a crash repeats and loses nothing.
The item works for a second at a time and waits while the outbox is long, so that other work goes on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import cast

from sqlalchemy import func, select, tuple_

from drawbridge.contracts.errors import Problem, Waiting
from drawbridge.contracts.snapshots import (
    HistoryLine,
    HistoryTold,
    Owner,
    SnapshotFinished,
    SnapshotProgress,
)
from drawbridge.persistence.database import Database
from drawbridge.persistence.epoch import current_epoch
from drawbridge.persistence.outbox import OutboxReader
from drawbridge.persistence.outgoing import telling_key
from drawbridge.persistence.snapshots.asking import KIND, Position
from drawbridge.persistence.snapshots.owned import Owned, count_owned, next_page, with_changes
from drawbridge.persistence.transaction import Transaction
from drawbridge.persistence.work_handler import Unattended
from drawbridge.persistence.work_item import LeaseLost, WorkItem
from drawbridge.persistence.work_store import WorkStore
from drawbridge.runtime import get_logger, utc_now

_PAGE = 200
_SLICE_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
_MOST_UNSENT = 400
"""More rows than this in the outbox, and the snapshot waits: a click's message is sent after them."""
_log = get_logger(__name__)


class SnapshotWork(Unattended):
    """Tells all that this service owns."""

    kind = KIND

    def __init__(self, database: Database, owned: Sequence[Owned]) -> None:
        self._database = database
        self._owned = owned
        self._owner = cast("Owner", database.service)
        self._store = WorkStore(database)
        self._outbox = OutboxReader(database)

    async def run(self, item: WorkItem) -> None:
        """Tell some pages, then give the item back; the last page ends it.

        Raises:
            Waiting: ``outbox_full``, while many messages wait for the relay.
        """
        if await self._is_replaced(item):
            _log.info("snapshot.replaced", snapshot_id=item.subject)
            return
        position = Position.model_validate(item.payload)
        if position.started_at is None:
            position = await self._start(item, position)
        ends = monotonic() + _SLICE_SECONDS
        while monotonic() < ends:
            if await self._outbox.count() > _MOST_UNSENT:
                raise Waiting("outbox_full", utc_now() + timedelta(seconds=1))
            following = await self._page(item, position)
            if following is None:
                return
            position = following
            await asyncio.sleep(_PAUSE_SECONDS)
        await self._give_back(item, position)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:  # noqa: ARG002  # the protocol's names
        """Tell that it stopped, and why."""
        position = Position.model_validate(item.payload)
        tx.send(self._progress(item, position, problem), cause=item.cause)

    async def _is_replaced(self, item: WorkItem) -> bool:
        """Whether somebody has asked for a newer snapshot."""
        items = self._database.tables.work_items
        newer = select(items.c.id).where(items.c.kind == KIND, items.c.subject > item.subject)
        async with self._database.reading() as session:
            return (await session.execute(newer.limit(1))).first() is not None

    async def _start(self, item: WorkItem, position: Position) -> Position:
        """Fix the moment of the start: all states that are dated before it are committed then."""
        async with self._database.reading() as session:
            total = await count_owned(session, self._owned)
        async with self._database.transaction() as tx:
            epoch = await current_epoch(self._database, tx)
            await tx.session.execute(select(func.pg_advisory_xact_lock(telling_key(self._database.schema))))
            now = (await tx.session.execute(select(func.clock_timestamp()))).scalar_one()
            counts = {each.model.TYPE: 0 for each in self._owned}
            position = Position(started_at=now, epoch=epoch, total=total, counts=counts)
            await self._keep(tx, item, position)
        return position

    async def _page(self, item: WorkItem, position: Position) -> Position | None:
        """Tell one page, and move on; None after the last."""
        if position.kind > len(self._owned):
            await self._finish(item, position)
            return None
        async with self._database.transaction() as tx:
            if position.kind < len(self._owned):
                following = await self._tell_states(tx, item, position)
            else:
                following = await self._tell_history(tx, item, position)
            await self._keep(tx, item, following)
        return following

    async def _tell_states(self, tx: Transaction, item: WorkItem, position: Position) -> Position:
        owned = self._owned[position.kind]
        page = await next_page(tx.session, owned, position.after, _PAGE)
        if page is None:
            return position.model_copy(update={"kind": position.kind + 1, "after": None})
        read = await owned.read(tx.session, page.rows)
        for state in await with_changes(tx.session, self._database.tables, read, item.subject):
            tx.send(state, cause=replace(item.cause, causation_id=None))
        name = owned.model.TYPE
        counts = position.counts | {name: position.counts[name] + len(read)}
        return position.model_copy(update={"after": page.last, "counts": counts})

    async def _tell_history(self, tx: Transaction, item: WorkItem, position: Position) -> Position:
        history = self._database.tables.history
        query = select(history).order_by(history.c.subject, history.c.version).limit(_PAGE)
        if position.after is not None:
            query = query.where(tuple_(history.c.subject, history.c.version) > tuple_(*position.after))
        rows = (await tx.session.execute(query)).all()
        if not rows:
            return position.model_copy(update={"kind": position.kind + 1, "after": None})
        lines = tuple(HistoryLine.model_validate(row._mapping) for row in rows)  # noqa: SLF001  # SQLAlchemy's public name
        told = HistoryTold(snapshot_id=item.subject, owner=self._owner, lines=lines)
        tx.send(told, cause=replace(item.cause, causation_id=None))
        return position.model_copy(update={"after": [rows[-1].subject, rows[-1].version]})

    async def _finish(self, item: WorkItem, position: Position) -> None:
        if position.started_at is None:
            raise ValueError("A snapshot ends that has not begun.")
        finished = SnapshotFinished(
            snapshot_id=item.subject,
            owner=self._owner,
            epoch=position.epoch,
            started_at=position.started_at,
            counts=position.counts,
        )
        async with self._database.finishing(item) as tx:
            tx.send(finished, cause=item.cause)
        _log.info("snapshot.finished", snapshot_id=item.subject, counts=position.counts)

    async def _give_back(self, item: WorkItem, position: Position) -> None:
        """Let others have a turn; the item is due again at once."""
        async with self._database.transaction() as tx:
            tx.send(self._progress(item, position, None), cause=replace(item.cause, causation_id=None))
            await self._keep(tx, item, position)
        await self._store.release([item])

    async def _keep(self, tx: Transaction, item: WorkItem, position: Position) -> None:
        """Store how far it is.

        Raises:
            LeaseLost: nothing of this transaction is committed.
        """
        if not await self._store.keep_payload(tx, item, position.model_dump(mode="json")):
            raise LeaseLost(f"The lease on {item.kind} {item.subject} is no longer ours.")

    def _progress(self, item: WorkItem, position: Position, problem: Problem | None) -> SnapshotProgress:
        return SnapshotProgress(
            snapshot_id=item.subject,
            owner=self._owner,
            sent=sum(position.counts.values()),
            total=position.total,
            problem=problem,
        )
