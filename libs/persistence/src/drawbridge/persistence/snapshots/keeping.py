"""How a reader stores states of another service: the highest version wins, and snapshots mend and mark."""

from collections.abc import Collection, Mapping, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, or_, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.persistence.snapshots.reading import Kept, lost_epochs, mark
from drawbridge.persistence.tables import CoreTables

type Values = Mapping[str, Any]

_ROWS_A_STATEMENT = 500


async def keep(
    session: AsyncSession,
    core: CoreTables,
    kept: Kept,
    rows: Sequence[Values],
    *,
    local: Collection[str] = (),
    first: Collection[str] = (),
) -> list[Row[Any]]:
    """Store states that are newer than what is stored; gives the rows that changed.

    ``rows`` have all columns of the table. One that came in a snapshot replaces a row of the same version,
    too, if they differ. ``local`` columns are ours: they are set, but make no difference; ``first`` are too,
    and stay as the first state has set them.
    """
    lost = await lost_epochs(session, core)
    believed = [row for row in rows if not lost(kept.owner, row["version"])]
    changed: list[Row[Any]] = []
    for some in batched(_newest(kept.table, believed), _ROWS_A_STATEMENT):
        statement = _upsert(kept.table, some, {*local, *first}, first)
        changed += (await session.execute(statement.returning(*kept.table.c))).all()
    for snapshot_id in sorted({row["snapshot_id"] for row in believed if row["snapshot_id"]}):
        named = [_key(kept.table, row) for row in believed if row["snapshot_id"] == snapshot_id]
        await mark(session, kept.table, named, snapshot_id)
    return changed


def _newest(table: Table, rows: Sequence[Values]) -> list[Values]:
    """One row for each key, in the order of keys, so that two workers do not wait for each other."""
    best: dict[tuple[Any, ...], Values] = {}
    for row in rows:
        known = best.setdefault(_key(table, row), row)
        if _rank(known) < _rank(row):
            best[_key(table, row)] = row
    return [best[key] for key in sorted(best, key=str)]


def _rank(row: Values) -> tuple[int, bool]:
    """Of two with one version, the one from a snapshot mends more."""
    return row["version"], row["snapshot_id"] is not None


def _key(table: Table, row: Values) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _upsert(table: Table, rows: Sequence[Values], local: Collection[str], first: Collection[str]) -> Insert:
    statement = insert(table).values([dict(row) for row in rows])
    new = statement.excluded
    keys = {column.name for column in table.primary_key}
    names = [column.name for column in table.c if column.name not in {*keys, "snapshot_id"}]
    told = [name for name in names if name not in {*local, "version", "told_at"}]
    differs: ColumnElement[bool] = tuple_(*(table.c[name] for name in told)).is_distinct_from(
        tuple_(*(new[name] for name in told))
    )
    mends = and_(new.snapshot_id.is_not(None), table.c.version == new.version, differs)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: new[name] for name in names if name not in first},
        where=or_(table.c.version < new.version, mends),
    )
