"""What PostgreSQL knows of the tables that a first reading fills."""

from collections.abc import Iterable

from sqlalchemy import text

from drawbridge.persistence import Database


async def look_at_tables(database: Database, names: Iterable[str]) -> None:
    """Let PostgreSQL look how large these tables are now; by itself it does so a minute too late."""
    async with database.bookkeeping() as connection:
        await connection.execute(text(f"ANALYZE {', '.join(names)}"))
