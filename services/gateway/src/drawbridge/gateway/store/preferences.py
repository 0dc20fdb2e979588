"""What front ends remember for their callers."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.values import Timestamp, Value
from drawbridge.gateway.store.caller_tables import PreferenceRow


class Preference(Value):
    """One remembered value; ``version`` is for ``If-Match``."""

    key: str
    version: int
    value: Any
    updated_at: Timestamp


async def find_preference(
    session: AsyncSession, caller: str, key: str, *, lock: bool = False
) -> Preference | None:
    """One of the caller's, if it was ever set."""
    row = await session.get(PreferenceRow, (caller, key), with_for_update=lock or None)
    if row is None:
        return None
    return Preference(key=row.key, version=row.version, value=row.value["value"], updated_at=row.updated_at)


async def save_preference(session: AsyncSession, caller: str, preference: Preference, now: datetime) -> None:
    """Insert or replace one."""
    row = PreferenceRow(
        caller=caller,
        key=preference.key,
        version=preference.version,
        value={"value": preference.value},
        updated_at=now,
    )
    await session.merge(row)
