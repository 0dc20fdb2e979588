"""Raw rows of a ledger, one by one or column by column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import Any, overload

type Raw = Mapping[str, Any]
"""One row as the ledger gave it: a value for each column."""


class Table(Sequence[Raw]):
    """Rows of one query that stay columns: a million rows are read without a mapping for each.

    It is a sequence of rows all the same; they are made when somebody looks at them.
    """

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self._columns = columns
        self._length = len(next(iter(columns.values()), ()))

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The values of each column, row by row."""
        return self._columns

    def __len__(self) -> int:
        return self._length

    def where(self, kept: Sequence[bool]) -> "Table":
        """The rows for which ``kept`` says so."""
        return Table({name: tuple(compress(values, kept)) for name, values in self._columns.items()})

    @overload
    def __getitem__(self, index: int) -> Raw: ...
    @overload
    def __getitem__(self, index: slice) -> "Table": ...
    def __getitem__(self, index: int | slice) -> "Raw | Table":
        if isinstance(index, slice):
            return Table({name: values[index] for name, values in self._columns.items()})
        return {name: values[index] for name, values in self._columns.items()}

    def __iter__(self) -> Iterator[Raw]:
        names = tuple(self._columns)
        return (dict(zip(names, row, strict=True)) for row in zip(*self._columns.values(), strict=True))


def joined(parts: Iterable[Table]) -> Table:
    """The rows of all parts, which have the same columns."""
    filled = [part for part in parts if part]
    if len(filled) == 1:
        return filled[0]
    names = filled[0].columns if filled else ()
    return Table({name: list(chain.from_iterable(part.columns[name] for part in filled)) for name in names})


def column_of(rows: Sequence[Raw], name: str) -> Sequence[Any]:
    """One column of rows; no rows have every column.

    Raises:
        KeyError: where a row does not have it.
    """
    if not rows:
        return ()
    return rows.columns[name] if isinstance(rows, Table) else [row[name] for row in rows]
