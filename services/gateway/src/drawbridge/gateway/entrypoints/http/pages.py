"""Pages of a list: items, and an opaque cursor where more follow (also as a ``Link`` header)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from drawbridge.gateway.domain.cursors import pack, unpack
from drawbridge.gateway.domain.refusals import Invalid

MOST_ITEMS = 500


class Page[T](BaseModel):
    """One page."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="give it as cursor to get the next page")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list a request asks for, and where the answer says what follows."""

    request: Request
    response: Response
    cursor: str | None
    limit: int

    @property
    def one_more(self) -> int:
        """How many items to look for, to know whether another page follows."""
        return self.limit + 1

    def page[T, V](
        self, found: Sequence[T], shown: Callable[[T], V], key: Callable[[T], Sequence[str | int]]
    ) -> Page[V]:
        """The page of a list in which ``one_more`` were looked for; ``key`` is what it is sorted by."""
        cursor = pack(key(found[self.limit - 1])) if len(found) > self.limit else None
        self.link(cursor)
        return Page(items=[shown(each) for each in found[: self.limit]], next_cursor=cursor)

    def link(self, cursor: str | None) -> None:
        """Say where the next page is (RFC 8288)."""
        if cursor is not None:
            query = urlencode({**self.request.query_params, "cursor": cursor})
            self.response.headers["Link"] = f'<{quote(self.request.scope["path"])}?{query}>; rel="next"'


async def paging(
    request: Request,
    response: Response,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="items on a page")] = 100,
) -> Paging:
    """Read the page's parameters."""
    return Paging(request, response, cursor, limit)


type PagingOf = Annotated[Paging, Depends(paging)]


def same[T](item: T) -> T:
    """An item that is shown as it is."""
    return item


def after_moment(cursor: str | None) -> tuple[datetime, UUID] | None:
    """A cursor of (instant, id).

    Raises:
        Invalid: when it is not one.
    """
    if cursor is None:
        return None
    moment, identity = unpack(cursor, str, str)
    return _read(lambda: (datetime.fromisoformat(str(moment)), UUID(str(identity))))


def after_day(cursor: str | None) -> tuple[date, UUID] | None:
    """A cursor of (day, id).

    Raises:
        Invalid: when it is not one.
    """
    if cursor is None:
        return None
    day, identity = unpack(cursor, str, str)
    return _read(lambda: (date.fromisoformat(str(day)), UUID(str(identity))))


def after_number(cursor: str | None) -> int | None:
    """A cursor of one number.

    Raises:
        Invalid: when it is not one.
    """
    return int(unpack(cursor, int)[0]) if cursor is not None else None


def _read[K](reading: Callable[[], K]) -> K:
    try:
        return reading()
    except ValueError:
        raise Invalid(
            "bad_cursor", "This cursor is not from this list.", "Begin again without a cursor."
        ) from None
