"""One unit of work: effects, outgoing messages and new work items, committed together or not at all."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.message import Message
from drawbridge.persistence.bulk import bulk_insert, records_as_arrays
from drawbridge.persistence.outgoing import Outgoing
from drawbridge.persistence.raw import RawOutgoing
from drawbridge.persistence.tables import CoreTables
from drawbridge.persistence.work_item import NewWork


class Transaction:
    """An open transaction. ``session`` runs the service's SQL; ``now`` is one instant for all its rows."""

    def __init__(self, session: AsyncSession, tables: CoreTables, schema: str, now: datetime) -> None:
        self.session = session
        self.now = now
        self._tables = tables
        self._schema = schema
        self._outgoing = Outgoing(tables, schema)
        self._work_added = False

    def send(self, message: Message, *, cause: Cause, message_id: UUID | None = None) -> UUID:
        """Send a message if, and only if, this transaction commits; gives the message's id."""
        return self._outgoing.add(message, cause, message_id)

    def send_raw(self, outgoing: RawOutgoing) -> None:
        """Send bytes, headers and properties as they are; the message keeps the id it has."""
        self._outgoing.add_raw(outgoing)

    async def add_work(self, *works: NewWork) -> list[bool]:
        """Add work items; false where an unfinished one with that (kind, subject) exists already.

        That one is then at least as urgent as the new one would have been.
        """
        rows = [_work_row(work, self.now) for work in works]
        first: dict[tuple[str, str], UUID] = {}
        chosen = [row for row in rows if not row["is_unique"] or _is_first(row, first)]
        chosen.sort(key=lambda row: (row["kind"], row["subject"]))
        added = await self._insert_work(chosen) if chosen else set()
        self._work_added = self._work_added or bool(added)
        return [row["id"] in added for row in rows]

    async def forget(self, inbox_key: str) -> None:
        """Take a message's id out of the inbox: it is parked, and its replay must be handled."""
        inbox = self._tables.inbox
        await self.session.execute(delete(inbox).where(inbox.c.key == inbox_key))

    async def settle(self) -> None:
        """Write the outgoing messages and wake who waits for them; the database calls this before commit."""
        await self._outgoing.write(self.session, self.now)
        if self._work_added:
            await self.session.execute(select(func.pg_notify(f"{self._schema}_work", "")))

    async def _insert_work(self, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        names = tuple(rows[0])
        values = records_as_arrays(names, rows)
        result = await self.session.execute(_adding(self._tables.work_items, names), values)
        return set(result.scalars()) & {row["id"] for row in rows}


@lru_cache(maxsize=8)
def _adding(items: Table, names: tuple[str, ...]) -> ReturningInsert[UUID]:
    statement = bulk_insert(items, names)
    urgent = func.least(items.c.priority, statement.excluded.priority)
    return statement.on_conflict_do_update(
        index_elements=[items.c.kind, items.c.subject],
        index_where=items.c.is_unique,
        set_={"priority": urgent, "asked_again": items.c.asked_again | statement.excluded.asked_again},
    ).returning(items.c.id)


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
        "asked_again": work.again,
        "next_attempt_at": work.not_before or now,
        "origin": work.origin.to_json() if work.origin else None,
        "created_at": now,
    }


def _is_first(row: dict[str, Any], first: dict[tuple[str, str], UUID]) -> bool:
    """True for the first of several equal unique items in one call."""
    winner: UUID = row["id"]
    return first.setdefault((row["kind"], row["subject"]), winner) == winner
