"""One unit of work: effects, outgoing messages and new work items, committed together or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.message import Message, StateEvent
from drawbridge.persistence.raw import RawOutgoing
from drawbridge.persistence.tables import CoreTables
from drawbridge.persistence.work_item import NewWork

_ROWS_A_STATEMENT = 500


class Transaction:
    """An open transaction. ``session`` runs the service's SQL; ``now`` is one instant for all its rows."""

    def __init__(self, session: AsyncSession, tables: CoreTables, schema: str, now: datetime) -> None:
        self.session = session
        self.now = now
        self._tables = tables
        self._schema = schema
        self._outgoing: list[dict[str, Any]] = []
        self._history: dict[tuple[str, int], dict[str, Any]] = {}
        self._tells_state = False
        self._work_added = False

    def send(self, message: Message, *, cause: Cause, message_id: UUID | None = None) -> UUID:
        """Send a message if, and only if, this transaction commits; gives the message's id."""
        row_id = message_id or uuid4()
        subject = message.subject()
        if isinstance(message, StateEvent):
            self._remember(message)
        self._outgoing.append(
            _row(row_id, self.now)
            | {
                "aggregatetype": subject.partition("/")[0],
                "aggregateid": subject,
                "type": message.TYPE,
                "exchange": message.EXCHANGE,
                "routing_key": message.routing_key(),
                "payload": message.encode(),
                "correlation_id": cause.correlation_id,
                "causation_id": cause.causation_id,
                "traceparent": cause.traceparent,
            }
        )
        return row_id

    def send_raw(self, outgoing: RawOutgoing) -> None:
        """Send bytes, headers and properties as they are; the message keeps the id it has."""
        self._outgoing.append(
            _row(outgoing.row_id, self.now)
            | {
                "aggregatetype": "raw",
                "aggregateid": outgoing.properties.message_id or "",
                "type": outgoing.properties.type or "",
                "exchange": outgoing.exchange,
                "routing_key": outgoing.routing_key,
                "payload": outgoing.body,
                "headers": dict(outgoing.headers),
                "properties": outgoing.properties.to_json(),
                "correlation_id": outgoing.properties.correlation_id,
            }
        )

    async def add_work(self, *works: NewWork) -> list[bool]:
        """Add work items; false where an unfinished one with that (kind, subject) exists already.

        That one is then at least as urgent as the new one would have been.
        """
        rows = [_work_row(work, self.now) for work in works]
        first: dict[tuple[str, str], UUID] = {}
        chosen = [row for row in rows if not row["is_unique"] or _is_first(row, first)]
        chosen.sort(key=lambda row: (row["kind"], row["subject"]))
        added: set[UUID] = set()
        for start in range(0, len(chosen), _ROWS_A_STATEMENT):
            added |= await self._insert_work(chosen[start : start + _ROWS_A_STATEMENT])
        self._work_added = self._work_added or bool(added)
        return [row["id"] in added for row in rows]

    async def forget(self, inbox_key: str) -> None:
        """Take a message's id out of the inbox: it is parked, and its replay must be handled."""
        inbox = self._tables.inbox
        await self.session.execute(delete(inbox).where(inbox.c.key == inbox_key))

    async def settle(self) -> None:
        """Write the outgoing messages and wake who waits for them; the database calls this before commit."""
        if self._outgoing:
            await self._write_history()
            await self._notify("outbox")
            await self._write_outgoing()
        if self._work_added:
            await self._notify("work")

    def _remember(self, event: StateEvent) -> None:
        """Keep the owner's history; a snapshot tells nothing new."""
        self._tells_state = True
        if event.snapshot_id is None:
            for subject, version, change in event.history():
                row = {"subject": subject, "version": version, "change": change.model_dump(mode="json")}
                self._history[subject, version] = row

    async def _write_history(self) -> None:
        if self._history:
            rows = [self._history[key] for key in sorted(self._history)]
            await self.session.execute(pg_insert(self._tables.history).on_conflict_do_nothing(), rows)

    async def _write_outgoing(self) -> None:
        """Write the outbox; states are dated so that no snapshot can begin between their date and the commit.

        Their senders share a lock, and the start of a snapshot excludes them for a moment: what is dated
        before that start is committed, and the snapshot sees it.
        """
        statement = insert(self._tables.outbox)
        if self._tells_state:
            lock = func.pg_advisory_xact_lock_shared(telling_key(self._schema))
            await self.session.execute(select(lock))
            statement = statement.values(created_at=func.clock_timestamp())
            for row in self._outgoing:
                del row["created_at"]
        await self.session.execute(statement, self._outgoing)

    async def _insert_work(self, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        items = self._tables.work_items
        statement = pg_insert(items).values(list(rows))
        statement = statement.on_conflict_do_update(
            index_elements=[items.c.kind, items.c.subject],
            index_where=items.c.is_unique,
            set_={"priority": func.least(items.c.priority, statement.excluded.priority)},
        )
        result = await self.session.execute(statement.returning(items.c.id))
        return set(result.scalars()) & {row["id"] for row in rows}

    async def _notify(self, what: str) -> None:
        await self.session.execute(select(func.pg_notify(f"{self._schema}_{what}", "")))


def telling_key(schema: str) -> ColumnElement[int]:
    """The advisory lock that everybody shares who tells of a state of this schema's subjects."""
    return func.hashtextextended(f"{schema} telling", 0)


def _row(row_id: UUID, now: datetime) -> dict[str, Any]:
    """An outbox row with all columns, so that rows of both kinds go in one statement."""
    empty = dict.fromkeys(("properties", "correlation_id", "causation_id", "traceparent"))
    return {"id": row_id, "created_at": now, "headers": {}, **empty}


def _work_row(work: NewWork, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "kind": work.kind,
        "subject": work.subject,
        "vault_id": work.vault_id,
        "payload": work.payload,
        "correlation_id": work.cause.correlation_id,
        "causation_id": work.cause.causation_id,
        "traceparent": work.cause.traceparent,
        "priority": work.priority,
        "is_unique": work.unique,
        "next_attempt_at": work.not_before or now,
        "origin": work.origin.to_json() if work.origin else None,
        "created_at": now,
    }


def _is_first(row: dict[str, Any], first: dict[tuple[str, str], UUID]) -> bool:
    """True for the first of several equal unique items in one call."""
    winner: UUID = row["id"]
    return first.setdefault((row["kind"], row["subject"]), winner) == winner
