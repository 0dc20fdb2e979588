"""Parked messages: kept until a person replays or discards them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts import Problem
from drawbridge.contracts.values import Timestamp, Value
from drawbridge.gateway.domain.parked_message import DIED_AT, DIED_IN, DIED_OF
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.tables import ParkedRow, table
from drawbridge.persistence import Properties, RawOutgoing
from drawbridge.persistence.parking import PARKED_HEADERS

ParkedState = Literal["parked", "replayed", "discarded"]

_columns = table(ParkedRow).c
_ADDED = PARKED_HEADERS | {DIED_IN, DIED_OF, DIED_AT}


class ParkedView(Value):
    """What people see of a parked message: no body, no header values."""

    id: UUID
    message_id: str | None
    type: str
    queue: str
    problem: Problem
    preview: Any = Field(description="the body, with secrets masked and long text cut")
    parked_at: Timestamp
    state: ParkedState
    settled_at: Timestamp | None = None
    settled_by: str | None = None
    settled_reason: str | None = None


async def keep(session: AsyncSession, rows: Sequence[ParkedRow]) -> None:
    """Store parked messages."""
    session.add_all(rows)
    await session.flush()


async def list_parked(
    session: AsyncSession,
    *,
    state: ParkedState,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ParkedView]:
    """Parked messages, the newest first, from after the one that ``before`` names."""
    statement = select(ParkedRow).where(_columns.state == state)
    if before is not None:
        statement = statement.where(tuple_(_columns.parked_at, _columns.id) < tuple_(*before))
    statement = statement.order_by(_columns.parked_at.desc(), _columns.id.desc()).limit(limit)
    return [view(row) for row in (await session.execute(statement)).scalars()]


async def get_parked(session: AsyncSession, parked_id: UUID, *, lock: bool = False) -> ParkedRow:
    """One parked message; ``lock`` it to settle it.

    Raises:
        NotFound: when there is none of that id.
    """
    row = await session.get(ParkedRow, parked_id, with_for_update=lock or None)
    if row is None:
        raise NotFound("parked_not_found", f"There is no parked message {parked_id}.")
    return row


async def lock_parked(
    session: AsyncSession, *, queue: str | None, code: str | None, limit: int
) -> list[ParkedRow]:
    """Parked messages of a queue or a code, the oldest first, to settle them."""
    statement = select(ParkedRow).where(_columns.state == "parked")
    if queue is not None:
        statement = statement.where(_columns.queue == queue)
    if code is not None:
        statement = statement.where(_columns.code == code)
    statement = statement.order_by(_columns.parked_at, _columns.id).limit(limit)
    return list((await session.execute(statement.with_for_update(skip_locked=True))).scalars())


def view(row: ParkedRow) -> ParkedView:
    """What people may see of it."""
    return ParkedView(
        id=row.id,
        message_id=row.message_id,
        type=row.type,
        queue=row.queue,
        problem=Problem(code=row.code, message=row.reason, advice=row.advice),
        preview=row.preview,
        parked_at=row.parked_at,
        state=row.state,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settled_reason=row.settled_reason,
    )


def as_it_came(row: ParkedRow) -> RawOutgoing:
    """The message with its own id, straight into the queue that it came from; parking's headers are gone."""
    headers = {name: value for name, value in row.headers.items() if name not in _ADDED}
    return RawOutgoing("", row.queue, row.body, headers, Properties.from_json(row.properties))
