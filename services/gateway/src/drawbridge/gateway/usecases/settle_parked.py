"""Replay a parked message to where it came from, or discard it: a person decides, with a reason."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from drawbridge.contracts import Refused
from drawbridge.gateway.store.operations import park_operations
from drawbridge.gateway.store.parked import (
    ParkedState,
    ParkedView,
    as_it_came,
    get_parked,
    list_parked,
    lock_parked,
    view,
)
from drawbridge.gateway.store.tables import ParkedRow
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction

MOST_MESSAGES = 1_000
"""How many parked messages one request settles."""


async def replay_parked(tools: Tools, asking: Asking, parked_id: UUID, reason: str) -> ParkedView:
    """Put the message, with its own id, back into the queue that it came from.

    Raises:
        NotFound: when there is no such message.
        Refused: when it is settled already, or nobody knows its queue.
    """
    async with tools.database.transaction() as tx:
        row = await get_parked(tx.session, parked_id, lock=True)
        if not row.queue:
            raise Refused(
                "unknown_queue",
                "Nobody knows from which queue this message came.",
                "Discard it, or publish it by hand where it belongs.",
            )
        _settle(tx, row, asking, "replayed", reason)
        await _put_back(tx, row)
        await _record(tx, asking, "replay_parked", row)
        return view(row)


async def settle_many(  # whose decision, which one, why, and about which messages
    tools: Tools,
    asking: Asking,
    state: Literal["replayed", "discarded"],
    reason: str,
    *,
    queue: str | None,
    code: str | None,
) -> tuple[int, bool]:
    """Replay or discard parked messages by filter, the oldest first.

    Gives how many, and whether more are left.

    A message of which nobody knows the queue is never replayed.
    """
    async with tools.database.transaction() as tx:
        rows = await lock_parked(tx.session, queue=queue, code=code, limit=MOST_MESSAGES + 1)
        more = len(rows) > MOST_MESSAGES
        chosen = [row for row in rows[:MOST_MESSAGES] if row.queue or state == "discarded"]
        for row in chosen:
            _settle(tx, row, asking, state, reason)
            if state == "replayed":
                await _put_back(tx, row)
        action = "replay_parked" if state == "replayed" else "discard_parked"
        detail = {"reason": reason, "queue": queue, "code": code, "settled": len(chosen)}
        await record(tx, asking, action, "parked/many", vault_id=None, **detail)
    return len(chosen), more


async def _put_back(tx: Transaction, row: ParkedRow) -> None:
    tx.send_raw(as_it_came(row))
    if row.message_id and _is_uuid(row.message_id):
        await park_operations(tx.session, [UUID(row.message_id)], parked=False)


async def discard_parked(tools: Tools, asking: Asking, parked_id: UUID, reason: str) -> ParkedView:
    """Give the message up; it stays in the table with the reason.

    Raises:
        NotFound: when there is no such message.
        Refused: when it is settled already.
    """
    async with tools.database.transaction() as tx:
        row = await get_parked(tx.session, parked_id, lock=True)
        _settle(tx, row, asking, "discarded", reason)
        await _record(tx, asking, "discard_parked", row)
        return view(row)


async def show_parked(tools: Tools, parked_id: UUID) -> ParkedView:
    """One parked message.

    Raises:
        NotFound: when there is none of that id.
    """
    async with tools.database.reading() as session:
        return view(await get_parked(session, parked_id))


async def show_all_parked(
    tools: Tools, *, state: ParkedState, before: tuple[datetime, UUID] | None, limit: int
) -> list[ParkedView]:
    """A page of parked messages, the newest first."""
    async with tools.database.reading() as session:
        return await list_parked(session, state=state, before=before, limit=limit)


def _settle(tx: Transaction, row: ParkedRow, asking: Asking, state: ParkedState, reason: str) -> None:
    if row.state != "parked":
        raise Refused(f"already_{row.state}", f"This message was {row.state} already, by {row.settled_by}.")
    row.state = state
    row.settled_at = tx.now
    row.settled_by = asking.caller.name
    row.settled_reason = reason
    tx.session.add(row)


async def _record(tx: Transaction, asking: Asking, action: str, row: ParkedRow) -> None:
    await record(
        tx,
        asking,
        action,
        f"parked/{row.id}",
        vault_id=None,
        reason=row.settled_reason,
        queue=row.queue,
        message_id=row.message_id,
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
