"""Removes what no repeat can ask for any more: sent messages after 7 days, inbox ids after 90 days."""

from datetime import timedelta

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from drawbridge.persistence.database import Database
from drawbridge.runtime import Component, periodic

SENT_KEPT = timedelta(days=7)
INBOX_KEPT = timedelta(days=90)
_ROWS_A_STATEMENT = 5_000


def cleaning(database: Database) -> Component:
    """A component that cleans every hour."""

    async def clean() -> None:
        await clean_once(database)

    return periodic("cleaning", timedelta(hours=1), clean)


async def clean_once(database: Database) -> None:
    """Delete old rows, some thousands at a time, so that nobody waits for it."""
    while await _some(database, database.tables.outbox, "id", "published_at", SENT_KEPT):
        pass
    while await _some(database, database.tables.inbox, "key", "received_at", INBOX_KEPT):
        pass


async def _some(database: Database, table: Table, key: str, age: str, kept: timedelta) -> bool:
    """Delete one portion; true when there may be more."""
    async with database.bookkeeping() as connection:
        return await _delete(connection, table, key, age, kept) == _ROWS_A_STATEMENT


async def _delete(connection: AsyncConnection, table: Table, key: str, age: str, kept: timedelta) -> int:
    old = select(table.c[key]).where(table.c[age] < func.now() - kept).limit(_ROWS_A_STATEMENT)
    return (await connection.execute(delete(table).where(table.c[key].in_(old)))).rowcount
