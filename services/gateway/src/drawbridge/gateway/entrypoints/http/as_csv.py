"""Lists as CSV (RFC 4180) for spreadsheets and pull integrations: whole, however long, page by page.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it.
"""

import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO

from starlette.requests import Request
from starlette.responses import StreamingResponse

MEDIA_TYPE = "text/csv"

type Cell = object
type Line = Sequence[Cell]

_RUNS = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: Request) -> bool:
    """Whether the caller accepts CSV, and not JSON as well."""
    accepted = request.headers.get("accept", "")
    return MEDIA_TYPE in accepted and "json" not in accepted


def csv_answer(name: str, header: Line, pages: AsyncIterator[Sequence[Line]]) -> StreamingResponse:
    """A file of that name; each page is written as it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(
        _written(header, pages), headers=headers, media_type=f"{MEDIA_TYPE}; charset=utf-8"
    )


async def _written(header: Line, pages: AsyncIterator[Sequence[Line]]) -> AsyncIterator[str]:
    yield _text([header])
    async for page in pages:
        yield _text(page)


def _text(lines: Sequence[Line]) -> str:
    out = StringIO()
    csv.writer(out).writerows([[_cell(cell) for cell in line] for line in lines])
    return out.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_RUNS) else text
