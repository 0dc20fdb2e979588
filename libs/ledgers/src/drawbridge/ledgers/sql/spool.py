"""Rows on their way from a ledger: taken off it at once, and read from a nameless file afterwards."""

import pickle
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from drawbridge.ledgers.reading import Raw
from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS

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

    async def fill(self, parts: AsyncIterator[Sequence[Raw]], *, together: str | None = None) -> None:
        """Take all rows; neighbours with one value in the column ``together`` are never parted."""
        kept: list[Raw] = []
        async for part in parts:
            for raw in part:
                if len(kept) >= self._rows and (together is None or raw[together] != kept[-1][together]):
                    self._write(kept)
                    kept = []
                kept.append(raw)
        self._write(kept)
        self._file.seek(0)

    def next(self) -> list[Raw]:
        """The next rows; none at the end."""
        try:
            names, columns = pickle.load(self._file)  # noqa: S301  # our own file, without a name
        except EOFError:
            return []
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def _write(self, rows: Sequence[Raw]) -> None:
        if rows:
            names = [name for name in rows[0] if name in _KEPT]
            pickle.dump((names, [_values(name, rows) for name in names]), self._file)


def _values(name: str, rows: Sequence[Raw]) -> list[Any]:
    values = [row[name] for row in rows]
    texts = _AS_TEXT.get(name, {})
    return [texts[type(each)](each) if type(each) in texts else each for each in values] if texts else values
