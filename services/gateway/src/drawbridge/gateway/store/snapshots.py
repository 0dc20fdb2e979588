"""Snapshots: which were asked for, how far they are, and which are settled here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.snapshots import RequestSnapshot, SnapshotFinished, SnapshotProgress
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.domain.snapshots import Snapshot, status_of
from drawbridge.gateway.store.tables import SnapshotProgressRow, core, table
from drawbridge.persistence.snapshots import note_finished

_progress = table(SnapshotProgressRow)
_finished = core.snapshots


async def begin_snapshot(session: AsyncSession, request: RequestSnapshot, now: datetime) -> None:
    """Note that a snapshot is asked for."""
    values = {
        "id": request.snapshot_id,
        "owner": request.owner,
        "requested_by": request.requested_by,
        "requested_at": now,
        "sent": 0,
        "total": 0,
    }
    await session.execute(insert(_progress).values(values))


async def store_progress(session: AsyncSession, events: Sequence[SnapshotProgress]) -> None:
    """Keep how far each is; of two events the one that is further counts."""
    for event in sorted(events, key=lambda each: (each.snapshot_id, each.sent)):
        problem = event.problem.model_dump() if event.problem else None
        values = {
            "id": event.snapshot_id,
            "owner": event.owner,
            "sent": event.sent,
            "total": event.total,
            "problem": problem,
        }
        statement = insert(_progress).values(values)
        changes = {
            "sent": func.greatest(_progress.c.sent, statement.excluded.sent),
            "total": func.greatest(_progress.c.total, statement.excluded.total),
            "problem": func.coalesce(statement.excluded.problem, _progress.c.problem),
        }
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


async def store_finished(session: AsyncSession, events: Sequence[SnapshotFinished]) -> None:
    """Note that all is sent."""
    await note_finished(session, core, events)
    counted = [(event, sum(event.counts.values())) for event in events]
    await store_progress(
        session,
        [
            SnapshotProgress(snapshot_id=event.snapshot_id, owner=event.owner, sent=total, total=total)
            for event, total in counted
        ],
    )


async def get_snapshot(session: AsyncSession, snapshot_id: str) -> Snapshot:
    """One snapshot.

    Raises:
        NotFound: when nothing was heard of it.
    """
    found = (await session.execute(_select().where(_progress.c.id == snapshot_id))).one_or_none()
    if found is None:
        raise NotFound("snapshot_not_found", f"There is no snapshot {snapshot_id}.")
    return _read(found)


async def list_snapshots(session: AsyncSession, limit: int) -> list[Snapshot]:
    """The latest snapshots, the newest first."""
    rows = await session.execute(_select().order_by(_progress.c.id.desc()).limit(limit))
    return [_read(row) for row in rows]


def _select() -> Select[Any]:
    later = _progress.alias("later")
    newest = ~(
        select(later.c.id)
        .where(later.c.owner == _progress.c.owner, later.c.id > _progress.c.id)
        .exists()
        .correlate(_progress)
    )
    return select(
        *_progress.c,
        _finished.c.started_at,
        _finished.c.counts,
        _finished.c.settled_at,
        _finished.c.removed,
        newest.label("newest"),
    ).outerjoin_from(_progress, _finished, _finished.c.id == _progress.c.id)


def _read(row: Row[Any]) -> Snapshot:
    return Snapshot(
        id=row.id,
        owner=row.owner,
        status=status_of(
            newest=row.newest,
            settled=row.settled_at is not None,
            finished=row.started_at is not None,
            failed=row.problem is not None,
            sent=row.sent,
        ),
        sent=row.sent,
        total=row.total,
        problem=Problem.model_validate(row.problem) if row.problem else None,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        started_at=row.started_at,
        settled_at=row.settled_at,
        counts=row.counts,
        removed=row.removed,
    )
