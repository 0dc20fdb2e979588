"""Parked messages: look, replay, discard."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from drawbridge.gateway.entrypoints.http.asking import OperatorOf, ToolsOf
from drawbridge.gateway.entrypoints.http.bodies import UNNAMED, Body
from drawbridge.gateway.entrypoints.http.idempotency import OperatorOnce
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_moment, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.reason import ReasonBody
from drawbridge.gateway.store.parked import ParkedState, ParkedView
from drawbridge.gateway.usecases.settle_parked import (
    discard_parked,
    replay_parked,
    settle_many,
    show_all_parked,
    show_parked,
)

router = APIRouter(prefix="/v1/parked", tags=["parked messages"])


class ManyParkedBody(Body):
    """Which parked messages: of one queue, of one code, or both; and why."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 2})

    reason: str = Field(min_length=1, max_length=2000, examples=["The ledger is back."])
    queue: Annotated[str, Field(max_length=200, examples=["import-service.commands"])] = UNNAMED
    code: Annotated[str, Field(max_length=200, examples=["unknown_vault"])] = UNNAMED

    @model_validator(mode="after")
    def _some_filter(self) -> "ManyParkedBody":
        if not self.model_fields_set & {"queue", "code"}:
            raise ValueError("give a queue, a code, or both")
        return self


class ManyParkedOutcome(BaseModel):
    """How many were settled, and whether more than one request may settle are left."""

    settled: int
    more: bool


@router.get("", summary="List parked messages", responses=declared())
async def list_parked(
    tools: ToolsOf,
    _asking: OperatorOf,
    paging: PagingOf,
    state: Annotated[ParkedState, Query()] = "parked",
) -> Page[ParkedView]:
    """Messages that nobody could handle, the newest first; secrets are masked, long text is cut."""
    found = await show_all_parked(
        tools, state=state, before=after_moment(paging.cursor), limit=paging.one_more
    )
    return paging.page(
        found,
        same,
        lambda each: [each.parked_at.isoformat(), str(each.id)],
    )


@router.get("/{parked_id:uuid}", summary="Show a parked message", responses=declared(404))
async def get_parked(tools: ToolsOf, _asking: OperatorOf, parked_id: UUID) -> ParkedView:
    """One parked message with its reason."""
    return await show_parked(tools, parked_id)


@router.post("/{parked_id:uuid}/replay", summary="Replay", responses=declared(404, 409))
async def post_replay(tools: ToolsOf, asking: OperatorOnce, parked_id: UUID, body: ReasonBody) -> ParkedView:
    """Put it back, with its own id, into the queue that it came from."""
    return await replay_parked(tools, asking, parked_id, body.reason)


@router.post("/{parked_id:uuid}/discard", summary="Discard", responses=declared(404, 409))
async def post_discard(tools: ToolsOf, asking: OperatorOnce, parked_id: UUID, body: ReasonBody) -> ParkedView:
    """Give it up; it stays listed under ``state=discarded`` with the reason."""
    return await discard_parked(tools, asking, parked_id, body.reason)


@router.post("/replay", summary="Replay many", responses=declared(404, 409))
async def post_replay_many(tools: ToolsOf, asking: OperatorOnce, body: ManyParkedBody) -> ManyParkedOutcome:
    """Put all parked messages of a queue or a code back, the oldest first, up to 1,000 at once."""
    settled, more = await settle_many(
        tools, asking, "replayed", body.reason, queue=body.queue, code=body.code
    )
    return ManyParkedOutcome(settled=settled, more=more)


@router.post("/discard", summary="Discard many", responses=declared(404, 409))
async def post_discard_many(tools: ToolsOf, asking: OperatorOnce, body: ManyParkedBody) -> ManyParkedOutcome:
    """Give up all parked messages of a queue or a code, up to 1,000 at once; they stay listed."""
    settled, more = await settle_many(
        tools, asking, "discarded", body.reason, queue=body.queue, code=body.code
    )
    return ManyParkedOutcome(settled=settled, more=more)
