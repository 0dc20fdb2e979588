"""What PostgreSQL knows of the tables that a first reading fills."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from drawbridge.persistence import Database, is_contention
from drawbridge.runtime import get_logger

_log = get_logger(__name__)


async def look_at_tables(database: Database, names: Iterable[str]) -> None:
    """Let PostgreSQL look how large these tables are now; by itself it does so a minute too late.

    A look that takes too long is left out: the run is slower without it, but goes on.
    """
    tables = ", ".join(names)
    try:
        async with database.bookkeeping() as connection:
            await connection.execute(text(f"ANALYZE (SKIP_LOCKED) {tables}"))
    except DBAPIError as error:
        if not is_contention(error):
            raise
        _log.warning("statistics.not_taken", tables=tables)
