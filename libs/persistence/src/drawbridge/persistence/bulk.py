"""Statements on many rows at once: one array for each column.

However many rows there are, the statement's text stays the same: it is compiled and prepared once, and
it is one round trip.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.sql.selectable import NamedFromClause


def incoming(table: Table, names: Sequence[str]) -> NamedFromClause:
    """Columns of a table as bound arrays of the same names (see `as_arrays`), usable like a table."""
    # One dimension: a JSON list is a value, not a row of a matrix.
    kinds = {name: ARRAY(table.c[name].type, dimensions=1) for name in names}
    arrays = func.unnest(*(bindparam(name, type_=kind) for name, kind in kinds.items()))
    columns = [column(name, table.c[name].type) for name in names]
    return arrays.table_valued(*columns).render_derived(name="incoming")


def bulk_insert(table: Table, names: Sequence[str]) -> Insert:
    """Insert rows that are given as arrays, in their order."""
    return insert(table).from_select(names, select(*incoming(table, names).c))


def as_arrays(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Rows as one list for each column, under the columns' names; of at least one row."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def records_as_arrays(names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The same of rows that are mappings; each has all of the names, and perhaps more."""
    return {name: [record[name] for record in records] for name in names}
