"""Rows on their way from a ledger: taken off it at once, and read from a nameless file afterwards."""

import pickle
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS
from drawbridge.ledgers.table import Table

_KEPT = PAYMENT_COLUMNS | BILL_COLUMNS | {"currency"}

type _Texts = Mapping[type, Callable[[Any], str]]

_OF_AMOUNTS: _Texts = {Decimal: str}
_OF_DATES: _Texts = {date: date.isoformat, datetime: datetime.isoformat}
_AS_TEXT: Mapping[str, _Texts] = {
    "cash": _OF_AMOUNTS,
    "discount": _OF_AMOUNTS,
    "credit": _OF_AMOUNTS,
    "total": _OF_AMOUNTS,
    "paid": _OF_AMOUNTS,
    "balance": _OF_AMOUNTS,
    "retainage": _OF_AMOUNTS,
    "date": _OF_DATES,
    "changed_at": _OF_DATES,
}
"""What is read the same from its text (`ledgers.rows`), and is written much more quickly as one."""


class Spool:
    """Some rows at a time, in the order in which they came: ``rows``, or a few more."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._file = TemporaryFile()  # noqa: SIM115  # closed at the end of this context

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    async def fill(self, parts: AsyncIterator[Table], *, together: str | None = None) -> None:
        """Take all rows; neighbours with one value in the column ``together`` are never parted."""
        kept: dict[str, list[Any]] = {}
        async for part in parts:
            for name, values in part.columns.items():
                if name in _KEPT:
                    kept.setdefault(name, []).extend(values)
            while end := self._end(kept, together):
                self._write({name: values[:end] for name, values in kept.items()})
                kept = {name: values[end:] for name, values in kept.items()}
        self._write(kept)
        self._file.seek(0)

    def next(self) -> Table:
        """The next rows; none at the end."""
        try:
            return Table(pickle.load(self._file))  # noqa: S301  # our own file, without a name
        except EOFError:
            return Table({})

    def _end(self, columns: Mapping[str, Sequence[Any]], together: str | None) -> int:
        """After how many rows a part may end; 0 while there are too few."""
        values = columns.get(together or "id", ())
        ends = range(self._rows, len(values))
        return next((end for end in ends if together is None or values[end] != values[end - 1]), 0)

    def _write(self, columns: Mapping[str, Sequence[Any]]) -> None:
        if any(columns.values()):
            pickle.dump({name: _texts(name, values) for name, values in columns.items()}, self._file)


def _texts(name: str, values: Sequence[Any]) -> Sequence[Any]:
    texts = _AS_TEXT.get(name, {})
    kinds = {*map(type, values)}
    if kinds.isdisjoint(texts):
        return values
    if len(kinds) == 1:
        return list(map(texts[kinds.pop()], values))
    return [texts[type(each)](each) if type(each) in texts else each for each in values]
