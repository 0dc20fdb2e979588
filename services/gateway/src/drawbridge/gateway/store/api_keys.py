"""API keys: kept for ever, so that the audit trail's names keep their meaning."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.identity_tables import ApiKeyRow
from drawbridge.gateway.store.tables import table

_keys = table(ApiKeyRow)
USED_EVERY = timedelta(minutes=1)
"""How exact ``last_used_at`` is: a key that is used all the time is not written all the time."""


async def add_key(session: AsyncSession, row: ApiKeyRow) -> bool:
    """Store a new key; False when there is one of that name."""
    statement = insert(_keys).values(row.model_dump()).on_conflict_do_nothing(index_elements=["name"])
    return (await session.execute(statement.returning(_keys.c.id))).first() is not None


async def find_key(session: AsyncSession, key_id: str) -> ApiKeyRow | None:
    """One key, if there is one of that id."""
    return await session.get(ApiKeyRow, key_id)


async def lock_key(session: AsyncSession, key_id: str) -> ApiKeyRow:
    """One key, to be changed.

    Raises:
        NotFound: when there is none of that id.
    """
    row = await session.get(ApiKeyRow, key_id, with_for_update=True)
    if row is None:
        raise no_key(key_id)
    return row


def no_key(key_id: str) -> NotFound:
    """The refusal for a key that does not exist."""
    return NotFound("key_not_found", f"There is no API key {key_id!r}.", "List the keys to see their ids.")


async def list_keys(session: AsyncSession) -> list[ApiKeyRow]:
    """All keys, the newest first."""
    statement = select(ApiKeyRow).order_by(_keys.c.created_at.desc(), _keys.c.id)
    return list((await session.execute(statement)).scalars())


async def change_key(session: AsyncSession, key_id: str, changes: Mapping[str, Any]) -> None:
    """Change some columns of a locked key."""
    await session.execute(update(_keys).where(_keys.c.id == key_id).values(**changes))


async def note_use(session: AsyncSession, key_id: str, now: datetime) -> None:
    """Remember that the key was used just now."""
    long_ago = or_(_keys.c.last_used_at.is_(None), _keys.c.last_used_at < now - USED_EVERY)
    await session.execute(update(_keys).where(_keys.c.id == key_id, long_ago).values(last_used_at=now))
