"""Live changes of a vault as server-sent events; a listener resumes with ``Last-Event-ID``."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import AwareDatetime, BaseModel, Field

from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.entrypoints.http.asking import BEARER, ToolsOf, VaultPath, ViewerOf, asking, door
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.events import NumberedEvent
from drawbridge.gateway.store.streams import Heard, VaultStreams
from drawbridge.gateway.usecases.listen import issue_ticket, redeem_ticket

router = APIRouter(prefix="/v1/vaults/{vault_id}/events", tags=["live events"])

_LONGEST_SECONDS = 900.0
"""Then a stream ends and the listener comes again: who lost the right to listen does not listen for ever."""
_NUMBER = re.compile(r"\d{1,18}")
_EXAMPLE = """id: 41
event: ready
data: {}

id: 42
event: change
data: {"kind":"requisition","id":"598134325841112","what":"imported","version":7}

"""
_STREAM = {
    "description": "The stream. `ready` comes first; `reset` means that events were missed: read all again.",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
}


class TicketView(BaseModel):
    """A way to one stream of one vault, for browsers."""

    ticket: str = Field(description="give it as `ticket` in the stream's address; it is taken once")
    expires_at: AwareDatetime


async def listener(
    request: Request,
    tools: ToolsOf,
    vault_id: VaultPath,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    ticket: Annotated[
        str | None, Query(max_length=100, description="instead of the header, which browsers cannot send")
    ] = None,
) -> str:
    """Who listens: a viewer of the vault by header, or somebody whose ticket is taken."""
    if ticket is not None and credentials is None:
        return await redeem_ticket(tools, vault_id, ticket)
    known = await asking(request, credentials)
    known.caller.require("viewer", vault_id)
    return known.caller.name


async def begin_after(
    last_event_id: Annotated[
        str | None, Header(description="the `id` of the last event that was heard; else from now on")
    ] = None,
    after: Annotated[
        str | None, Query(max_length=20, description="as Last-Event-ID, where headers cannot be sent")
    ] = None,
) -> int | None:
    """The number of the event that was heard last.

    Raises:
        Invalid: ``bad_last_event_id``.
    """
    given = last_event_id or after
    if not given:
        return None
    if _NUMBER.fullmatch(given) is None:
        raise Invalid(
            "bad_last_event_id",
            "Last-Event-ID is no number of an event.",
            "Send the id of the last event, or none to begin now.",
        )
    return int(given)


@router.get(
    "",
    summary="Listen to a vault",
    response_class=StreamingResponse,
    responses={200: _STREAM, **declared(404)},
)
async def get_events(
    request: Request,
    vault_id: VaultPath,
    caller: Annotated[str, Depends(listener)],
    after: Annotated[int | None, Depends(begin_after)],
) -> StreamingResponse:
    """What changes in the vault, as server-sent events, without gap or repeat.

    Each names a thing (`kind`, `id`) and what happened; read the thing for more. A listener that comes again
    with `Last-Event-ID` hears what it missed, up to a day back.
    """
    streams = door(request).streams
    streams.require_place(caller)
    return StreamingResponse(
        _told(streams, vault_id, caller, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/ticket", summary="Get a ticket for a stream", status_code=201, responses=declared(404))
async def post_ticket(tools: ToolsOf, asking: ViewerOf, vault_id: VaultPath) -> TicketView:
    """For a browser's `EventSource`, which cannot send a key: valid for a minute, and once."""
    ticket = await issue_ticket(tools, asking, vault_id)
    return TicketView(ticket=ticket.text, expires_at=ticket.expires_at)


async def _told(streams: VaultStreams, vault_id: str, caller: str, after: int | None) -> AsyncIterator[bytes]:
    ending = asyncio.get_running_loop().time() + _LONGEST_SECONDS
    first = True
    with streams.counted(caller):
        async for heard in streams.follow(vault_id, after):
            yield b"".join(_frames(heard, first=first))
            first = False
            if asyncio.get_running_loop().time() > ending:
                return


def _frames(heard: Heard, *, first: bool) -> Iterator[bytes]:
    if first:
        yield f"id: {heard.number}\nevent: ready\ndata: {{}}\n\n".encode()
    elif heard.broken:
        yield f"id: {heard.number}\nevent: reset\ndata: {{}}\n\n".encode()
    elif not heard.events:
        yield b": still here\n\n"
    for event in heard.events:
        yield _frame(event)


@lru_cache(maxsize=2000)
def _frame(event: NumberedEvent) -> bytes:
    """The bytes of an event, which are the same for all who listen."""
    return f"id: {event.number}\nevent: change\ndata: {event.data}\n\n".encode()
