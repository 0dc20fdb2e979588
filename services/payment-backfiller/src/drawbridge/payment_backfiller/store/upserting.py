"""The one form of upsert of facts: all rows in one statement, and only what differs is written.

A stale answer never wins (promise R10). Where the same is read again nothing is written, not even when it was
read; only while another reader of the vault is under way is that kept, so that its older answer stays old.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

type Record = dict[str, Any]
type Records = str
"""Rows as a JSON list of objects, or nothing at all: it is encoded many times faster than arrays."""

_KEY = "id"


@dataclass(frozen=True, slots=True)
class Written:
    """One column of the rows that were written: of those that are new, and of those that were different."""

    new: frozenset[str] = frozenset()
    different: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Of both."""
        return self.new | self.different


def records(rows: Sequence[Record]) -> Records:
    """Rows as one parameter of a statement."""
    return to_json(rows).decode() if rows else ""


async def upsert_changed(
    session: AsyncSession,
    table: Table,
    columns: Sequence[str],
    rows: Records,
    fixed: Mapping[str, Any],
    *,
    gives: str = _KEY,
    of_known_bills: bool = False,
) -> Written:
    """Insert rows, or set their ``columns`` where these differ; tells ``gives`` of what was written.

    ``rows`` hold the id and the ``columns`` (see `records`); no id occurs twice. ``fixed`` is the same for
    all rows: ``vault_id``, ``read_at`` and what a new row begins with. With ``of_known_bills`` rows whose
    bill is not stored are passed over. The vault is locked: no row comes from elsewhere meanwhile.
    """
    if not rows:
        return Written()
    names = (_KEY, *columns)
    values = {"rows": rows} | {_bound(name): value for name, value in fixed.items()}
    statement = _statement(table, names, tuple(fixed), gives, of_known_bills=of_known_bills)
    new, different = (await session.execute(statement, values)).one()
    return Written(frozenset(new or ()), frozenset(different or ()))


def _told(table: Table, names: Sequence[str]) -> NamedFromClause:
    """The rows as one parameter."""
    told = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB()))
    values = told.table_valued(*(column(name, table.c[name].type) for name in names))
    return values.render_derived(name="told", with_types=True)


@lru_cache(maxsize=8)
def _statement(
    table: Table, names: tuple[str, ...], fixed: tuple[str, ...], gives: str, *, of_known_bills: bool
) -> Select[Any, Any]:
    """What is new is inserted plainly, which is less work than with a look at each conflict."""
    told, known = _told(table, names), table.alias("known")
    same = {name: bindparam(_bound(name), type_=table.c[name].type) for name in fixed}
    facts = names[1:]
    differs = tuple_(*(known.c[name] for name in facts)).is_distinct_from(
        tuple_(*(told.c[name] for name in facts))
    )
    newer = and_(known.c.read_at <= same["read_at"], or_(differs, _another_reader(table, same["vault_id"])))
    compared = (
        select(*told.c, known.c.id.is_(None).label("is_new"))
        .outerjoin_from(told, known, and_(known.c.id == told.c.id, known.c.vault_id == same["vault_id"]))
        .where(or_(known.c.id.is_(None), newer))
    )
    if of_known_bills:
        compared = compared.where(_bill_is_known(table, told, same["vault_id"]))
    rows = compared.cte("compared")
    fresh = select(*(rows.c[name] for name in names), *same.values()).where(rows.c.is_new)
    inserted = insert(table).from_select([*names, *fixed], fresh).returning(table.c[gives]).cte("inserted")
    updated = (
        update(table)
        .where(~rows.c.is_new, table.c.id == rows.c.id, table.c.vault_id == same["vault_id"])
        .values({name: rows.c[name] for name in facts} | {"read_at": same["read_at"]})
        .returning(table.c[gives])
        .cte("updated")
    )
    return select(_all_of(inserted), _all_of(updated))


def _all_of(written: CTE) -> ScalarSelect[Any]:
    """Its one column as one array: a row for each would cost more than the rows themselves."""
    return select(func.array_agg(*written.c)).scalar_subquery()


def _bill_is_known(table: Table, told: NamedFromClause, vault_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """A subquery with a limit is looked up in the index for each row, however few or many bills there are."""
    bills = table.metadata.tables[f"{table.schema}.bills"]
    theirs = select(bills.c.id).where(bills.c.vault_id == vault_id, bills.c.id == told.c.bill_id).limit(1)
    return theirs.scalar_subquery().is_not(None)


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
