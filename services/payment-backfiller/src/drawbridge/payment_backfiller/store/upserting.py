"""The one form of upsert: many rows in few statements, and stale input never wins (promise R10)."""

from collections.abc import Collection, Sequence
from itertools import batched
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.payment_backfiller.store.tables import Row as TableRow

_ROWS_A_STATEMENT = 500


async def upsert(
    session: AsyncSession,
    rows: Sequence[TableRow],
    *,
    columns: Collection[str],
    newer_by: str,
    returning: str,
) -> list[Any]:
    """Insert rows; where the key exists, set ``columns`` if ``newer_by`` is not older than what is stored.

    All rows are of one table and no key occurs twice. Gives the ``returning`` column of what was stored.
    """
    stored: list[Any] = []
    for chunk in batched(rows, _ROWS_A_STATEMENT):
        table = type(chunk[0]).__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
        statement = insert(table).values([row.model_dump() for row in chunk])
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: statement.excluded[name] for name in (*columns, newer_by)},
            where=table.c[newer_by] <= statement.excluded[newer_by],
        )
        result = await session.execute(statement.returning(table.c[returning]))
        stored += result.scalars()
    return stored
