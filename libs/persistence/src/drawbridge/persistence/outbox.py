"""The relay's view of the outbox: what is unsent, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from drawbridge.contracts.envelope import Envelope
from drawbridge.persistence.database import Database
from drawbridge.persistence.raw import JSON, Properties
from drawbridge.runtime import utc_now

QUARANTINE_AFTER = 20
_LONGEST_DELAY = timedelta(minutes=5)
_REPUBLISHED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Unsent:
    """One outbox row: with an envelope if it is ours, with properties if it goes out as it came."""

    row_id: UUID
    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, JSON]
    envelope: Envelope | None
    properties: Properties | None
    created_at: datetime
    attempts: int

    @property
    def message_id(self) -> str:
        """The id under which it travels."""
        if self.properties is not None and self.properties.message_id:
            return self.properties.message_id
        return str(self.row_id)


class OutboxReader:
    """Selects unsent rows and records results, each in its own short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = database.tables.outbox

    async def unsent(self, limit: int) -> list[Unsent]:
        """The oldest unsent rows that are due. Never by an id cursor: it would skip rows."""
        async with self._database.bookkeeping() as connection:
            rows = (await connection.execute(_unsent(self._outbox), {"limit": limit})).all()
        return [self._read(row) for row in rows]

    async def mark_published(self, row_ids: Sequence[UUID]) -> None:
        """Record that the broker has confirmed these."""
        if row_ids:
            async with self._database.bookkeeping() as connection:
                await connection.execute(_marking(self._outbox), {"ids": list(row_ids)})

    async def postpone(self, row: Unsent, error: str) -> bool:
        """Record that nobody takes this message; true when it was tried often enough and is set aside."""
        attempts = row.attempts + 1
        quarantined = attempts >= QUARANTINE_AFTER
        delay = min(_LONGEST_DELAY, timedelta(seconds=2 ** min(attempts, 16)))
        values = {
            "attempts": attempts,
            "last_error": error,
            "next_attempt_at": utc_now() + delay,
            "quarantined_at": utc_now() if quarantined else None,
        }
        async with self._database.bookkeeping() as connection:
            await connection.execute(
                update(self._outbox).where(self._outbox.c.id == row.row_id).values(**values)
            )
        return quarantined

    async def count(self) -> int:
        """How many messages are unsent."""
        columns = self._outbox.c
        unsent = and_(columns.published_at.is_(None), columns.quarantined_at.is_(None))
        async with self._database.bookkeeping() as connection:
            return (await connection.execute(select(func.count()).where(unsent))).scalar_one()

    async def republish(self, since: datetime) -> int:
        """Send again what was sent since then, under the same ids (a lost broker, a restored backup).

        Some thousands at a time, so that no statement takes long. What goes out again meanwhile is not taken
        twice.
        """
        columns, count = self._outbox.c, 0
        async with self._database.bookkeeping() as connection:
            until = (await connection.execute(select(func.now()))).scalar_one()
        while True:
            sent = select(columns.id).where(columns.published_at.between(since, until))
            statement = update(self._outbox).where(columns.id.in_(sent.limit(_REPUBLISHED_AT_ONCE)))
            async with self._database.bookkeeping() as connection:
                unsent = await connection.execute(statement.values(published_at=None, next_attempt_at=None))
            if unsent.rowcount == 0:
                return count
            count += unsent.rowcount

    def _read(self, row: Row[*tuple[Any, ...]]) -> Unsent:
        raw = row.properties
        return Unsent(
            row_id=row.id,
            exchange=row.exchange,
            routing_key=row.routing_key,
            body=row.payload,
            headers=row.headers,
            envelope=None if raw is not None else self._envelope(row),
            properties=None if raw is None else Properties.from_json(raw),
            created_at=row.created_at,
            attempts=row.attempts,
        )

    def _envelope(self, row: Row[*tuple[Any, ...]]) -> Envelope:
        return Envelope(
            id=row.id,
            type=row.type,
            source=self._database.service,
            subject=row.aggregateid,
            time=row.created_at,
            correlation_id=row.correlation_id,
            causation_id=row.causation_id,
            traceparent=row.traceparent,
        )


@lru_cache(maxsize=8)
def _unsent(outbox: Table) -> Select[*tuple[Any, ...]]:
    unneeded = ("seq", "aggregatetype", "published_at", "next_attempt_at", "last_error", "quarantined_at")
    columns = outbox.c
    due = or_(columns.next_attempt_at.is_(None), columns.next_attempt_at <= func.now())
    return (
        select(*(each for each in columns if each.name not in unneeded))
        .where(columns.published_at.is_(None), columns.quarantined_at.is_(None), due)
        .order_by(columns.seq)
        .limit(bindparam("limit"))
    )


@lru_cache(maxsize=8)
def _marking(outbox: Table) -> Update:
    ids = bindparam("ids", type_=ARRAY(outbox.c.id.type))
    marked = update(outbox).where(outbox.c.id == func.any(ids))
    return marked.values(published_at=func.now(), last_error=None)
