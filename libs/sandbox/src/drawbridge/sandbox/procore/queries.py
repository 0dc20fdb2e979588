"""Reading a caller's query: required ids, filters, pages. Everything unreadable answers 400."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.problems import declared
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record

PER_PAGE = 30
MOST_PER_PAGE = 2_000
PER_PAGE_V2 = 10
MOST_PER_PAGE_V2 = 100


def procore_of(request: Request) -> Procore:
    """The double that serves this request."""
    procore: Procore = request.app.state.procore
    return procore


Double = Annotated[Procore, Depends(procore_of)]


def required_id(request: Request, name: str) -> int:
    """A required integer of the query, such as ``project_id``."""
    return read_id(request.query_params.get(name), name)


def read_id(value: object, name: str) -> int:
    """An id from a query or a body. Raises ProcoreProblem 400 where it is missing or unreadable."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isdecimal():
        raise declared(400, f"{name} is missing or invalid", reason="bad_request", fields=name)
    return int(text)


def id_filter(request: Request, name: str) -> set[int] | None:
    """``filters[name]`` as ``1,2``, ``[1,2]`` or repeated ``filters[name][]``; None where absent."""
    query = request.query_params
    texts = query.getlist(f"filters[{name}][]") or query.get(f"filters[{name}]", "").strip("[]").split(",")
    ids = {int(text) for text in texts if text.strip().isdecimal()}
    return ids or None


def text_filter(request: Request, name: str) -> str | None:
    """``filters[name]`` as text; None where absent."""
    return request.query_params.get(f"filters[{name}]")


def in_range(request: Request, name: str, moment: str | None) -> bool:
    """Whether a timestamp lies in ``filters[name]=A...B``, both ends included; a bare date is a whole day."""
    wanted = request.query_params.get(f"filters[{name}]")
    if not wanted:
        return True
    if moment is None:
        return False
    first, dots, last = wanted.strip('"').partition("...")
    start, end = _moment(first, name, time.min), _moment(last if dots else first, name, time.max)
    return start <= datetime.fromisoformat(moment) <= end


def _moment(text: str, name: str, edge: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise declared(400, f"filters[{name}] is not a date range A...B", fields=name) from None
    if "T" not in text:
        return datetime.combine(moment.date(), edge, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def page(request: Request, rows: Iterable[Record]) -> JSONResponse:
    """One page of ``rows`` with ``Link``, ``Total`` and ``Per-Page``.

    As at Procore, the links carry the page alone: filters are for the caller to repeat.
    """
    found: Sequence[Record] = list(rows)
    number = _positive(request, "page", 1)
    size = min(_positive(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    last = max(1, -(-len(found) // size))
    links = {"first": 1, "last": last}
    if number > 1:
        links["prev"] = number - 1
    if number < last:
        links["next"] = number + 1
    base = str(request.url.replace(query=""))
    headers = {
        "Total": str(len(found)),
        "Per-Page": str(size),
        "Link": ", ".join(
            f'<{base}?page={to}&per_page={size}>; rel="{name}"' for name, to in sorted(links.items())
        ),
    }
    return JSONResponse(found[(number - 1) * size : number * size], headers=headers)


def wrapped_page(request: Request, rows: Iterable[Record]) -> JSONResponse:
    """One page as version 2 of the API gives it: wrapped in ``data``, ten rows unless more are asked for."""
    size = max(1, min(_positive(request, "per_page", PER_PAGE_V2), MOST_PER_PAGE_V2))
    start = (_positive(request, "page", 1) - 1) * size
    return JSONResponse({"data": list(rows)[start : start + size]})


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return max(1, int(text)) if text.isdecimal() else default
