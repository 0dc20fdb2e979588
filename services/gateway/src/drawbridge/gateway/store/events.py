"""The vaults' event streams: numbers that have no gap and become visible in order.

A number is taken from the vault's counter row, which stays locked until the transaction ends. So a listener
that has seen number n has seen all before it, and a rolled-back transaction leaves no hole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.domain.live_event import LiveEvent
from drawbridge.gateway.store.event_tables import EventCounterRow, EventRow
from drawbridge.gateway.store.sets import RowValues, incoming, insert_missing
from drawbridge.gateway.store.tables import SCHEMA, table

CHANNEL = "events"
"""Told by ``NOTIFY gateway_events`` whenever a vault may have new events."""

_counters = table(EventCounterRow)
_events = table(EventRow)


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event as it is kept: its number in the vault, and its JSON text."""

    number: int
    data: str


async def lock_streams(session: AsyncSession, vault_ids: Iterable[str]) -> None:
    """Let nobody else add events to these vaults until the transaction ends."""
    await _take(session, dict.fromkeys(vault_ids, 0))


async def add_events(session: AsyncSession, events: Sequence[tuple[str, LiveEvent]], now: datetime) -> None:
    """Add events, (vault, event), in this order, and wake the listeners once the transaction commits."""
    if not events:
        return
    last = await _take(session, Counter(vault for vault, _ in events))
    rows: defaultdict[str, list[RowValues]] = defaultdict(list)
    for vault, event in events:
        rows[vault].append({"vault_id": vault, "at": now.isoformat(), "data": event.model_dump_json()})
    for vault, mine in rows.items():
        for number, row in enumerate(mine, last[vault] - len(mine) + 1):
            row["number"] = number
    await insert_missing(session, _events, [row for mine in rows.values() for row in mine])
    await session.execute(select(func.pg_notify(f"{SCHEMA}_{CHANNEL}", "")))


async def last_numbers(session: AsyncSession, vault_ids: Iterable[str]) -> dict[str, int]:
    """The number of each vault's last event; a vault without any has none."""
    statement = select(_counters).where(_counters.c.vault_id == func.any(list(vault_ids)))
    return {row.vault_id: row.last for row in await session.execute(statement)}


async def events_after(session: AsyncSession, vault_id: str, number: int, limit: int) -> list[NumberedEvent]:
    """The next events of a vault, the oldest first."""
    statement = (
        select(_events.c.number, _events.c.data)
        .where(_events.c.vault_id == vault_id, _events.c.number > number)
        .order_by(_events.c.number)
        .limit(limit)
    )
    return [NumberedEvent(row.number, row.data) for row in await session.execute(statement)]


async def drop_events(session: AsyncSession, before: datetime) -> None:
    """Forget old events; a listener that asks for one of them is told to read everything again."""
    await session.execute(delete(_events).where(_events.c.at < before))


async def _take(session: AsyncSession, counts: Mapping[str, int]) -> dict[str, int]:
    """Raise the counters by these counts; gives each vault's last number. The rows stay locked."""
    if not counts:
        return {}
    rows = [{"vault_id": vault, "last": count} for vault, count in sorted(counts.items())]
    given = incoming(vault_id=Text(), last=BigInteger()).c
    statement = insert(_counters).from_select(["vault_id", "last"], select(given.vault_id, given.last))
    raised = statement.on_conflict_do_update(
        index_elements=["vault_id"], set_={"last": _counters.c.last + statement.excluded.last}
    ).returning(_counters.c.vault_id, _counters.c.last)
    return {row.vault_id: row.last for row in await session.execute(raised, {"rows": rows})}
