"""Statements on sets of rows: one JSON parameter for a whole batch, however large (one round trip)."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Insert, Table, bindparam, column, func, select
from sqlalchemy import types as sql
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

type RowValues = dict[str, Any]


class Versioned(Protocol):
    """Something with a subject version."""

    @property
    def version(self) -> int:
        """The higher, the newer."""
        ...


def newest[V: Versioned](states: Iterable[V], key: Callable[[V], Hashable]) -> list[V]:
    """Only the highest version of each subject, and of equal ones the last."""
    best: dict[Hashable, V] = {}
    for state in states:
        known = best.setdefault(key(state), state)
        if known.version <= state.version:
            best[key(state)] = state
    return list(best.values())


def incoming(**columns: sql.TypeEngine[Any]) -> NamedFromClause:
    """The bound parameter ``rows``, a JSON list of objects, as a table named ``incoming``."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB()))
    values = rows.table_valued(*(column(name, kind) for name, kind in columns.items()))
    return values.render_derived(name="incoming", with_types=True)


async def upsert(
    session: AsyncSession, target: Table, rows: Sequence[RowValues], *, equal: bool = False
) -> None:
    """Insert rows, or replace the stored ones that are of a lower version (or an ``equal`` one).

    Stale rows change nothing.

    Values are JSON: dates, ids and decimals as text. No two rows may be of one subject (see `newest`).
    """
    if rows:
        await session.execute(_upsert(target, equal=equal), {"rows": _in_key_order(target, rows)})


async def insert_missing(session: AsyncSession, target: Table, rows: Sequence[RowValues]) -> None:
    """Insert the rows that are not there yet."""
    if rows:
        statement = _insert(target).on_conflict_do_nothing()
        await session.execute(statement, {"rows": _in_key_order(target, rows)})


def _in_key_order(target: Table, rows: Sequence[RowValues]) -> list[RowValues]:
    """Two workers lock rows in one order, so that neither waits for the other's lock."""
    keys = [each.name for each in target.primary_key]
    return sorted(rows, key=lambda row: [str(row[key]) for key in keys])


@lru_cache(maxsize=64)
def _upsert(target: Table, *, equal: bool) -> Insert:
    statement = _insert(target)
    new = statement.excluded["version"]
    keys = {each.name for each in target.primary_key}
    upserting: Insert = statement.on_conflict_do_update(
        index_elements=list(target.primary_key),
        set_={each.name: statement.excluded[each.name] for each in target.columns if each.name not in keys},
        where=(target.c.version <= new) if equal else (target.c.version < new),
    )
    return upserting


def _insert(target: Table) -> Any:  # noqa: ANN401  # PostgreSQL's Insert before its conflict clause
    names = [each.name for each in target.columns]
    values = incoming(**{each.name: each.type for each in target.columns})
    return insert(target).from_select(names, select(*(values.c[name] for name in names)))
