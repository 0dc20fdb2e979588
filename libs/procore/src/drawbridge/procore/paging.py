"""Reading lists page by page.

Procore's ``Link`` header drops other query parameters, so its addresses are never followed: the query is
built again with the next page number, and ``Link`` and ``Total`` only say when to stop.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import ValidationError

from drawbridge.procore.http import Params, ProcoreHttp, unreadable
from drawbridge.procore.models.record import Record
from drawbridge.procore.values import read_json


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

    Raises what `ProcoreHttp.get` raises, and `Refused` if a page is no list.
    """
    seen, number, previous = 0, 1, None
    while True:
        answer = await http.get(path, {**params, "page": number, "per_page": per_page})
        rows = _rows(answer, path)
        # A list that does not page answers the same rows for ever.
        if not rows or rows == previous:
            return
        yield rows
        seen += len(rows)
        if not _more(answer, seen, full=len(rows) >= per_page):
            return
        previous, number = rows, number + 1


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
    try:
        content = read_json(answer.content)
    except ValueError as error:
        raise unreadable(path) from error
    if isinstance(content, dict):
        content = content.get("data")
    if not isinstance(content, list):
        raise unreadable(path)
    return content


def _more(answer: httpx.Response, seen: int, *, full: bool) -> bool:
    if 'rel="next"' in answer.headers.get("link", "") or "rel=next" in answer.headers.get("link", ""):
        return True
    total = answer.headers.get("total", "")
    if total.isdecimal():
        return seen < int(total)
    return full and "link" not in answer.headers
