"""Reading lists page by page.

Procore's ``Link`` header drops other query parameters, so its addresses are never followed: the query is
built again with the next page number, and ``Link`` and ``Total`` only say when to stop. An endpoint may have
smaller pages than were asked for: ``Per-Page`` tells.

Pages are counted in rows, so a row that vanishes or moves while a list is read pushes another one over the
edge between two pages. ``Total`` betrays that, and the list is then read once more.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import ValidationError

from drawbridge.contracts.errors import Refused
from drawbridge.procore.http import Params, ProcoreHttp, decoded, unreadable
from drawbridge.procore.models.record import Record
from drawbridge.procore.problems import TOO_MUCH

_READINGS = 2
_SMALLER = 10


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that is no record at all (not an object, or without an id); ``raw`` is what stood there."""

    raw: Any
    reason: str


@dataclass(frozen=True)  # no slots: Python 3.12 cannot call a frozen generic class that has them
class Page[R: Record]:
    """One page: the rows that could be read, and those that could not, so that one never breaks the rest."""

    rows: list[R]
    unreadable: list[UnreadableRow] = field(default_factory=list)


async def pages(
    http: ProcoreHttp, path: str, params: Params, per_page: int = 100
) -> AsyncIterator[list[Any]]:
    """Yield the rows of each page; a list wrapped in ``data`` (v2) is unwrapped.

    A list that changed while it was read is read twice, so rows may come again. A page that is too large
    is asked for in smaller ones. Raises what `ProcoreHttp.get` raises, and `Refused` if a page is no list.
    """
    for _ in range(_READINGS):
        reading = _Reading(http, path, params, per_page)
        while rows := await reading.next():
            yield rows
        if reading.complete:
            return


class _Reading:
    """One way through a list, from its first page to its last."""

    def __init__(self, http: ProcoreHttp, path: str, params: Params, size: int) -> None:
        self._http, self._path, self._params = http, path, params
        self._number, self._size = 1, size
        self._read = 0
        self._known: set[str] = set()
        self._total: int | None = None
        self._shrank = False
        self._over = False

    @property
    def complete(self) -> bool:
        """Whether every row was seen, as far as ``Total`` can tell."""
        return self._total is None or (not self._shrank and len(self._known) >= self._total)

    async def next(self) -> list[Any]:
        """The rows of the next page; none after the last, or when a page holds nothing new.

        A list that does not page answers the same rows for ever.
        """
        if self._over:
            return []
        answer = await self._ask()
        rows = _rows(answer, self._path)
        self._size = min(self._size, _number(answer, "per-page") or self._size)
        total = _number(answer, "total")
        self._shrank |= self._total is not None and total is not None and total < self._total
        self._total = total
        new = {_identity(row) for row in rows} - self._known
        if not new:
            return []
        self._known |= new
        self._read += len(rows)
        self._over = not self._more(answer, full=len(rows) >= self._size)
        self._number += 1
        return rows

    async def _ask(self) -> httpx.Response:
        while True:
            page = {"page": self._number, "per_page": self._size}
            try:
                return await self._http.get(self._path, {**self._params, **page})
            except Refused as error:
                if error.problem.code != TOO_MUCH or self._size == 1:
                    raise
            self._size = max(1, self._size // _SMALLER)
            self._number = self._read // self._size + 1

    def _more(self, answer: httpx.Response, *, full: bool) -> bool:
        link = answer.headers.get("link", "")
        if 'rel="next"' in link or "rel=next" in link:
            return True
        if self._total is not None:
            return self._read < self._total
        return full and "link" not in answer.headers


def read_page[R: Record](kind: type[R], rows: list[Any]) -> Page[R]:
    """Turn raw rows into records, setting aside what is no record."""
    page = Page[R]([])
    for raw in rows:
        try:
            page.rows.append(kind.read(raw))
        except (ValidationError, TypeError) as error:
            page.unreadable.append(UnreadableRow(raw, f"no {kind.__name__}: {type(error).__name__}"))
    return page


def _rows(answer: httpx.Response, path: str) -> list[Any]:
    content = decoded(answer, path)
    if isinstance(content, dict):
        content = content.get("data")
    if not isinstance(content, list):
        raise unreadable(path)
    return content


def _number(answer: httpx.Response, header: str) -> int | None:
    text = answer.headers.get(header, "")
    return int(text) if text.isdecimal() else None


def _identity(row: object) -> str:
    return str(row["id"]) if isinstance(row, dict) and "id" in row else repr(row)
