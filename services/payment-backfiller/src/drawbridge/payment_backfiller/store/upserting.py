"""The one form of upsert of facts: what is new is copied in, and of what is known only that which differs.

A stale answer never wins (promise R10). Where the same is read again nothing is written, not even when it was
read; only while another reader of the vault is under way is that kept, so that its older answer stays old.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

from drawbridge.persistence import copy_in

_KEY = "id"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, column by column. No id occurs twice."""

    columns: Mapping[str, Sequence[Any]]

    @property
    def ids(self) -> Sequence[str]:
        """The id of each row."""
        return self.columns[_KEY]

    def chosen(self, wanted: Sequence[bool]) -> "Rows":
        """Those of the rows that are wanted."""
        if all(wanted):
            return self
        return Rows({name: list(compress(values, wanted)) for name, values in self.columns.items()})

    def parted(self, known: Collection[str]) -> "tuple[Rows, Rows]":
        """The rows without these ids, and those with them."""
        new = [each not in known for each in self.ids]
        return self.chosen(new), self.chosen([not each for each in new])


@dataclass(frozen=True, slots=True)
class Written:
    """The ids of the rows that were written: of those that are new, and of those that were different."""

    new: frozenset[str] = frozenset()
    different: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Of both."""
        return self.new | self.different


async def upsert_changed(  # whose columns begin differently where they are new
    session: AsyncSession,
    table: Table,
    rows: Rows,
    known: Collection[str],
    fixed: Mapping[str, Any],
    beginning: Mapping[str, Any],
) -> Written:
    """Insert rows, or set their columns where these differ; ``known`` are the ids that are stored.

    ``fixed`` are ``vault_id`` and ``read_at`` of them all, ``beginning`` is what a new row begins with. The
    vault is locked: no row comes from elsewhere meanwhile.
    """
    new, stored = rows.parted(known)
    await insert_new(session, table, new, {**fixed, **beginning})
    return Written(frozenset(new.ids), await update_changed(session, table, stored, fixed))


async def known_ids(session: AsyncSession, table: Table, vault_id: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of the ids the table has for this vault.

    A subquery with a limit: each is looked up in the index, where a join would read the whole table.
    """
    if not ids:
        return frozenset()
    listed = func.jsonb_array_elements_text(cast(literal(json_list(ids), Text), JSONB))
    asked = listed.table_valued(_KEY).render_derived(name="asked")
    same = and_(table.c.vault_id == vault_id, table.c.id == cast(asked.c.id, table.c.id.type))
    stored = select(table.c.id).where(same).limit(1).scalar_subquery()
    found = select(func.array_agg(asked.c.id)).select_from(asked).where(stored.is_not(None))
    return frozenset((await session.execute(found)).scalar_one() or ())


async def insert_new(
    session: AsyncSession,
    table: Table,
    rows: Rows,
    fixed: Mapping[str, Any],
    more: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Insert rows whose ids are not known, with the same ``fixed`` for all, and ``more`` columns of them."""
    if not rows.ids:
        return
    await copy_in(session, table, {**rows.columns, **(more or {})}, fixed)


async def update_changed(
    session: AsyncSession, table: Table, rows: Rows, fixed: Mapping[str, Any]
) -> frozenset[str]:
    """Set the columns of known rows where they differ; gives the ids of those written."""
    if not rows.ids:
        return frozenset()
    names = tuple(rows.columns)
    told = [dict(zip(names, row, strict=True)) for row in zip(*rows.columns.values(), strict=True)]
    values = {"rows": json_list(told)} | {_bound(name): value for name, value in fixed.items()}
    written = await session.execute(_update(table, names, tuple(fixed)), values)
    return frozenset(written.scalar_one() or ())


def _told(table: Table, names: Sequence[str]) -> NamedFromClause:
    """The rows as one parameter."""
    told = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB()))
    kinds = {name: Text() if name == _KEY else table.c[name].type for name in names}
    values = told.table_valued(*(column(name, kind) for name, kind in kinds.items()))
    return values.render_derived(name="told", with_types=True)


@lru_cache(maxsize=8)
def _update(table: Table, names: tuple[str, ...], fixed: tuple[str, ...]) -> Select[Any]:
    told, facts = _told(table, names), [name for name in names if name != _KEY]
    same = {name: bindparam(_bound(name), type_=table.c[name].type) for name in fixed}
    differs = tuple_(*(table.c[name] for name in facts)).is_distinct_from(
        tuple_(*(told.c[name] for name in facts))
    )
    newer = and_(table.c.read_at <= same["read_at"], or_(differs, _another_reader(table, same["vault_id"])))
    updated = (
        update(table)
        .where(table.c.id == cast(told.c.id, table.c.id.type), table.c.vault_id == same["vault_id"], newer)
        .values({name: told.c[name] for name in facts} | {"read_at": same["read_at"]})
        .returning(told.c.id)
        .cte("updated")
    )
    # As one array: a row for each would cost more than the rows themselves.
    return select(func.array_agg(updated.c.id))


def json_list(values: Collection[Any]) -> str:
    """Many values as one parameter: it is encoded many times faster than an array."""
    return to_json(list(values)).decode()


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
