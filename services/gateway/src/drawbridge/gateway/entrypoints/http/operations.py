"""Operations: what a 202 became."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import AskedWaitOf, CallerOf, ToolsOf, wait_seconds
from drawbridge.gateway.entrypoints.http.problems import ChangedInProcore, declared
from drawbridge.gateway.usecases.compare_version import require_current
from drawbridge.gateway.usecases.send_command import await_operation
from drawbridge.gateway.usecases.show_operation import show_operation
from drawbridge.gateway.usecases.tools import Tools

router = APIRouter(tags=["operations"])


@router.get("/v1/operations/{operation_id}", summary="Show an operation", responses=declared(404))
async def get_operation(
    tools: ToolsOf,
    asking: CallerOf,
    operation_id: Annotated[UUID, Path(description="the id from Location")],
    seconds: AskedWaitOf,
) -> Operation:
    """What became of a command: queued, waiting, joined, done, refused, failed or parked, and why."""
    operation = await show_operation(tools, asking, operation_id)
    return operation if operation.final else await await_operation(tools, operation_id, seconds)


def command_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the route of a command can answer, for OpenAPI: its operation, ended or not, and these errors."""
    ended = {"model": Operation, "description": "It has ended: done, refused, failed or parked."}
    begun = {"model": Operation, "description": "It has not ended yet; `Location` shows how far it is."}
    return {200: ended, 202: begun} | declared(404, 409, 412, *statuses)


@dataclass(frozen=True, slots=True)
class Answering:
    """How the request wants its operation's outcome."""

    response: Response
    wait_seconds: float

    async def answer(self, tools: Tools, operation: Operation, *, seen: int | None = None) -> Operation:
        """Wait for the outcome: 200 with a final status, else 202; ``Location`` names the operation.

        Raises:
            ChangedInProcore: when it was refused because of what Procore shows now.
            Outdated: when it was refused because the caller has not ``seen`` the newest version.
        """
        now = await await_operation(tools, operation.id, self.wait_seconds)
        if now.status == "refused" and now.content_hash is not None:
            raise ChangedInProcore(now)
        await require_current(tools, now, seen)
        self.response.status_code = 200 if now.final else 202
        self.response.headers["Location"] = f"/v1/operations/{now.id}"
        return now


async def waiting(response: Response, seconds: Annotated[float, Depends(wait_seconds)]) -> Answering:
    """Wait 5 s, or as long as ``Prefer`` says."""
    return Answering(response, seconds)


async def at_once(response: Response) -> Answering:
    """Do not wait."""
    return Answering(response, 0)


type AnswerOnceEnded = Annotated[Answering, Depends(waiting)]
type AnswerAtOnce = Annotated[Answering, Depends(at_once)]
