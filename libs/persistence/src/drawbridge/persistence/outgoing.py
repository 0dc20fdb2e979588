"""What a transaction sends: collected while it runs, written in one statement before its commit."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, DateTime, Insert, bindparam, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.message import Message, StateEvent
from drawbridge.persistence.bulk import as_arrays, bulk_insert, incoming
from drawbridge.persistence.raw import RawOutgoing
from drawbridge.persistence.tables import CoreTables

_OUTBOX = (
    "id",
    "aggregatetype",
    "aggregateid",
    "type",
    "exchange",
    "routing_key",
    "payload",
    "headers",
    "properties",
    "correlation_id",
    "causation_id",
    "traceparent",
)
_HISTORY = ("subject", "version", "change")
_NO_HEADERS: dict[str, Any] = {}


class Outgoing:
    """Messages and lines of history of one transaction, in the order in which they were sent."""

    def __init__(self, tables: CoreTables, schema: str) -> None:
        self._tables = tables
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._history: dict[tuple[str, int], tuple[str, int, Any]] = {}
        self._tells_state = False

    def add(self, message: Message, cause: Cause, message_id: UUID | None) -> UUID:
        """A message of ours; gives its id."""
        row_id = message_id or uuid4()
        subject = message.subject()
        if isinstance(message, StateEvent):
            self._remember(message)
        about = (subject.partition("/")[0], subject, message.TYPE, message.EXCHANGE, message.routing_key())
        why = (cause.correlation_id, cause.causation_id, cause.traceparent)
        self._rows.append((row_id, *about, message.encode(), _NO_HEADERS, None, *why))
        return row_id

    def add_raw(self, raw: RawOutgoing) -> None:
        """A message as it is."""
        known = raw.properties
        about = ("raw", known.message_id or "", known.type or "", raw.exchange, raw.routing_key)
        kept = (raw.body, dict(raw.headers), known.to_json())
        self._rows.append((raw.row_id, *about, *kept, known.correlation_id, None, None))

    async def write(self, session: AsyncSession, now: datetime) -> None:
        """Write the outbox and the history and wake the relay, in one statement."""
        if not self._rows:
            return
        values: dict[str, Any] = as_arrays(_OUTBOX, self._rows)
        if self._history:
            values |= as_arrays(_HISTORY, [self._history[key] for key in sorted(self._history)])
        if not self._tells_state:
            values["now"] = now
        writing = _writing(
            self._tables, self._schema, tells_state=self._tells_state, keeps_history=bool(self._history)
        )
        await session.execute(writing, values)

    def _remember(self, event: StateEvent) -> None:
        """Keep the owner's history; a snapshot tells nothing new."""
        self._tells_state = True
        if event.snapshot_id is None:
            for subject, version, change in event.history():
                self._history[subject, version] = (subject, version, change.model_dump(mode="json"))


def telling_key(schema: str) -> ColumnElement[int]:
    """The advisory lock that everybody shares who tells of a state of this schema's subjects."""
    return func.hashtextextended(f"{schema} telling", 0)


@lru_cache(maxsize=16)
def _writing(tables: CoreTables, schema: str, *, tells_state: bool, keeps_history: bool) -> Insert:
    """Insert the rows and notify the relay; states are dated so that no snapshot begins before the commit.

    Senders of states share a lock, and the start of a snapshot excludes them for a moment: what is dated
    before that start is committed, and the snapshot sees it. The date is taken for each joined row, so
    after the lock.
    """
    rows = incoming(tables.outbox, _OUTBOX)
    woken = select(func.pg_notify(f"{schema}_outbox", "").label("woken")).cte("woken")
    held = select(func.pg_advisory_xact_lock_shared(telling_key(schema)).label("held")).cte("held")
    now: Any = func.clock_timestamp() if tells_state else bindparam("now", type_=DateTime(timezone=True))
    source = rows.join(woken, true())
    values = select(*rows.c, now).select_from(source.join(held, true()) if tells_state else source)
    writing = insert(tables.outbox).from_select((*_OUTBOX, "created_at"), values)
    if keeps_history:
        kept = bulk_insert(tables.history, _HISTORY).on_conflict_do_nothing()
        writing = writing.add_cte(kept.returning(tables.history.c.version).cte("kept"))
    return writing
