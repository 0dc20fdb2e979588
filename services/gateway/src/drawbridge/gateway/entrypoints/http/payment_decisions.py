"""One payment on one bill, and what people decide about it."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from drawbridge.contracts.payment_commands import (
    AllocationCommand,
    ConfirmForeign,
    Dismiss,
    ResolveByHand,
    RetryWriteBack,
    TieByHand,
    Untie,
    WriteAnyway,
)
from drawbridge.contracts.payments import AllocationState
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import (
    ExpectedVersion,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.bodies import Body, Id
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import (
    Answering,
    AnswerOnceEnded,
    command_answers,
)
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.procore_invoices import HistoryList
from drawbridge.gateway.entrypoints.http.reason import ReasonBody
from drawbridge.gateway.usecases.decide_payment import decide_payment, show_payment, show_payment_history
from drawbridge.gateway.usecases.tools import Asking, Tools

router = APIRouter(prefix="/v1/vaults/{vault_id}/payments/{allocation_id}", tags=["payments"])

_ANSWERS = command_answers()

type AllocationPath = Annotated[UUID, Path(description="the allocation's id")]


@dataclass(frozen=True, slots=True)
class Deciding:
    """One person's decision about one payment; ``about`` has the members that every decision has."""

    tools: Tools
    asking: Asking
    answering: Answering
    about: dict[str, Any]

    async def answer(self, decision: AllocationCommand) -> Operation:
        """Send the decision, and answer with what became of it."""
        operation = await decide_payment(self.tools, self.asking, decision)
        return await self.answering.answer(self.tools, operation, seen=decision.expected_version)


async def deciding(  # what a decision is made of
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    allocation_id: AllocationPath,
    expected_version: ExpectedVersion,
    answering: AnswerOnceEnded,
) -> Deciding:
    """Who decides about which payment, and of which version."""
    about = {
        "vault_id": vault_id,
        "allocation_id": allocation_id,
        "requested_by": asking.caller.name,
        "expected_version": expected_version,
    }
    return Deciding(tools, asking, answering, about)


type DecidingOf = Annotated[Deciding, Depends(deciding)]


class TieBody(Body):
    """The AP invoice that the bill is; ``reason`` becomes the evidence."""

    invoice_id: Id
    reason: str = Field(default="", max_length=2000)


@router.get("", summary="Show a payment", responses=declared(404))
async def get_payment(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, allocation_id: AllocationPath, response: Response
) -> AllocationState:
    """The payment, its bill, the match and the write-back; ``ETag`` is its version."""
    state = await show_payment(tools, vault_id, allocation_id)
    response.headers["ETag"] = f'"{state.version}"'
    return state


@router.get("/history", summary="Show its history", responses=declared(404))
async def get_payment_history(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, allocation_id: AllocationPath
) -> HistoryList:
    """What happened to a payment, the newest first."""
    return HistoryList(items=await show_payment_history(tools, vault_id, allocation_id))


@router.post("/tie", summary="Tie by hand", responses=_ANSWERS)
async def post_tie(deciding: DecidingOf, body: TieBody) -> Operation:
    """Tie the payment's bill to an AP invoice that came from Procore; all payments of the bill follow."""
    return await deciding.answer(TieByHand(**deciding.about, invoice_id=body.invoice_id, reason=body.reason))


@router.post("/untie", summary="Untie", responses=_ANSWERS)
async def post_untie(deciding: DecidingOf, body: ReasonBody) -> Operation:
    """Part the bill from its AP invoice for good; our contract payments of it are removed from Procore."""
    return await deciding.answer(Untie(**deciding.about, reason=body.reason))


@router.post("/dismiss", summary="Dismiss", responses=_ANSWERS)
async def post_dismiss(deciding: DecidingOf, body: ReasonBody) -> Operation:
    """Take an unmatched payment off the list; it is not written until it is tied or retried."""
    return await deciding.answer(Dismiss(**deciding.about, reason=body.reason))


@router.post("/confirm-foreign", summary="Confirm the payment typed by hand", responses=_ANSWERS)
async def post_confirm_foreign(deciding: DecidingOf) -> Operation:
    """The contract payment that somebody typed into Procore is this payment."""
    return await deciding.answer(ConfirmForeign(**deciding.about))


@router.post("/write-anyway", summary="Write it anyway", responses=_ANSWERS)
async def post_write_anyway(deciding: DecidingOf, body: ReasonBody) -> Operation:
    """The contract payment that somebody typed into Procore is another one: write ours beside it."""
    return await deciding.answer(WriteAnyway(**deciding.about, reason=body.reason))


@router.post("/retry", summary="Retry", responses=_ANSWERS)
async def post_retry(deciding: DecidingOf) -> Operation:
    """Try again what Procore refused, and read the commitment's payments anew; lifts a dismissal."""
    return await deciding.answer(RetryWriteBack(**deciding.about))


@router.post("/resolve", summary="Resolve by hand", responses=_ANSWERS)
async def post_resolve(deciding: DecidingOf, body: ReasonBody) -> Operation:
    """Somebody has brought Procore in line by hand; nothing is tried until the ledger's facts change."""
    return await deciding.answer(ResolveByHand(**deciding.about, reason=body.reason))
