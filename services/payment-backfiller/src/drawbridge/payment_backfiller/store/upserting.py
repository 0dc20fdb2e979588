"""The one form of upsert of facts: all rows in one statement, and only what differs is written.

A stale answer never wins (promise R10). Where the same is read again nothing is written, not even when it was
read; only while another reader of the vault is under way is that kept, so that its older answer stays old.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import NamedFromClause

_KEY = "id"


async def upsert_changed(
    session: AsyncSession,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    fixed: Mapping[str, Any],
) -> list[Any]:
    """Insert rows, or set their ``columns`` where these differ; gives the ids of what was written.

    ``rows`` hold the id and the ``columns``; no id occurs twice. ``fixed`` is the same for all rows:
    ``vault_id``, ``read_at`` and what a new row begins with. The vault is locked.
    """
    if not rows:
        return []
    names = (_KEY, *columns)
    values = {"rows": [dict(zip(names, row, strict=True)) for row in rows]}
    values |= {_bound(name): value for name, value in fixed.items()}
    return list((await session.execute(_statement(table, names, tuple(fixed)), values)).scalars())


def _told(table: Table, names: Sequence[str]) -> NamedFromClause:
    """The rows as one JSON parameter: it is encoded many times faster than an array for each column."""
    records = func.jsonb_to_recordset(bindparam("rows", type_=JSONB()))
    values = records.table_valued(*(column(name, table.c[name].type) for name in names))
    return values.render_derived(name="told", with_types=True)


@lru_cache(maxsize=8)
def _statement(table: Table, names: tuple[str, ...], fixed: tuple[str, ...]) -> ReturningInsert[Any]:
    told, known = _told(table, names), table.alias("known")
    same = {name: bindparam(_bound(name), type_=table.c[name].type) for name in fixed}
    facts = names[1:]
    differs = tuple_(*(known.c[name] for name in facts)).is_distinct_from(
        tuple_(*(told.c[name] for name in facts))
    )
    newer = and_(known.c.read_at <= same["read_at"], or_(differs, _another_reader(table, same["vault_id"])))
    rows = (
        select(*told.c, *same.values())
        .outerjoin_from(told, known, and_(known.c.id == told.c.id, known.c.vault_id == same["vault_id"]))
        .where(or_(known.c.id.is_(None), newer))
    )
    statement = insert(table).from_select([*names, *fixed], rows)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in (*facts, "read_at")},
    ).returning(table.c.id)


def any_of(wanted: Any, values: Collection[Any]) -> ColumnElement[bool]:  # noqa: ANN401  # of a row class
    """That a column is one of the values: one parameter, however many they are."""
    found: ColumnElement[bool] = wanted == any_(literal(list(values), ARRAY(wanted.type)))
    return found


def _another_reader(table: Table, vault_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether more than one run of the vault is under way."""
    runs = table.metadata.tables[f"{table.schema}.runs"]
    others = select(runs.c.id).where(runs.c.vault_id == vault_id, runs.c.status == "running").offset(1)
    return others.exists()


def _bound(name: str) -> str:
    return f"fixed_{name}"
