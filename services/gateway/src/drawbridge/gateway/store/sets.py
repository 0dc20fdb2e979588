"""Statements on sets of rows: one JSON parameter for a whole batch, however large (one round trip)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, Table, bindparam, column, func, select
from sqlalchemy import types as sql
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

from drawbridge.persistence.snapshots import mark

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


@dataclass(frozen=True, slots=True)
class Told[S]:
    """A state as its owner told it: its subject version, when, and in which snapshot, if in one."""

    state: S
    version: int
    at: datetime
    snapshot_id: str | None = None


def incoming(**columns: sql.TypeEngine[Any]) -> NamedFromClause:
    """The bound parameter ``rows``, a JSON list of objects, as a table named ``incoming``."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB()))
    values = rows.table_valued(*(column(name, kind) for name, kind in columns.items()))
    return values.render_derived(name="incoming", with_types=True)


async def store_told[S](
    session: AsyncSession, target: Table, told: Sequence[Told[S]], values: Callable[[S], RowValues]
) -> None:
    """Store the newest state of each subject, and mark those that a snapshot names."""
    columns = list(target.primary_key)
    rows: dict[tuple[str, ...], RowValues] = {}
    named: defaultdict[str, list[RowValues]] = defaultdict(list)
    for each in sorted(told, key=lambda each: (each.version, each.snapshot_id is not None)):
        row = values(each.state) | {
            "version": each.version,
            "told_at": each.at.isoformat(),
            "snapshot_id": each.snapshot_id,
        }
        rows[tuple(str(row[column.name]) for column in columns)] = row
        if each.snapshot_id is not None:
            named[each.snapshot_id].append(row)
    await upsert(session, target, list(rows.values()))
    for snapshot_id, those in sorted(named.items()):
        keys = [[_native(column, row[column.name]) for column in columns] for row in those]
        await mark(session, target, keys, snapshot_id)


async def upsert(
    session: AsyncSession, target: Table, rows: Sequence[RowValues], *, equal: bool = False
) -> None:
    """Insert rows, or replace the stored ones that are of a lower version (or an ``equal`` one).

    What a snapshot tells replaces an equal version, too; the mark of an earlier snapshot stays.

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
    kept = {"snapshot_id", *(each.name for each in target.primary_key)}
    newer = (target.c.version <= new) if equal else (target.c.version < new)
    if "snapshot_id" in target.c:
        newer |= (target.c.version == new) & statement.excluded["snapshot_id"].is_not(None)
    upserting: Insert = statement.on_conflict_do_update(
        index_elements=list(target.primary_key),
        set_={each.name: statement.excluded[each.name] for each in target.columns if each.name not in kept},
        where=newer,
    )
    return upserting


def _native(column: ColumnElement[Any], value: Any) -> Any:  # noqa: ANN401  # a key's value
    return UUID(value) if isinstance(column.type, sql.Uuid) else value


def _insert(target: Table) -> Any:  # noqa: ANN401  # PostgreSQL's Insert before its conflict clause
    names = [each.name for each in target.columns]
    values = incoming(**{each.name: each.type for each in target.columns})
    return insert(target).from_select(names, select(*(values.c[name] for name in names)))
