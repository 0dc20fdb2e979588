"""One payment on one bill, and what people decide about it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from drawbridge.contracts.payment_commands import (
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
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.procore_invoices import HistoryList
from drawbridge.gateway.entrypoints.http.reason import ReasonBody
from drawbridge.gateway.usecases.decide_payment import decide_payment, show_payment, show_payment_history

router = APIRouter(prefix="/v1/vaults/{vault_id}/payments/{allocation_id}", tags=["payments"])

type AllocationPath = Annotated[UUID, Path(description="the allocation's id")]


def about(
    asking: ProcessorOnce,
    vault_id: VaultPath,
    allocation_id: AllocationPath,
    expected_version: ExpectedVersion,
) -> dict[str, Any]:
    """The members that every decision has."""
    return {
        "vault_id": vault_id,
        "allocation_id": allocation_id,
        "requested_by": asking.caller.name,
        "expected_version": expected_version,
    }


type About = Annotated[dict[str, Any], Depends(about)]


class TieBody(BaseModel):
    """The AP invoice that the bill is; ``reason`` becomes the evidence."""

    invoice_id: UUID
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


@router.post("/tie", summary="Tie by hand", responses=declared(404))
async def post_tie(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded, body: TieBody
) -> Operation:
    """Tie the payment's bill to an AP invoice that came from Procore; all payments of the bill follow."""
    command = TieByHand(**about, invoice_id=body.invoice_id, reason=body.reason)
    return await answering.answer(tools, await decide_payment(tools, asking, command))


@router.post("/untie", summary="Untie", responses=declared(404))
async def post_untie(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded, body: ReasonBody
) -> Operation:
    """Part the bill from its AP invoice for good; our contract payments of it are removed from Procore."""
    command = Untie(**about, reason=body.reason)
    return await answering.answer(tools, await decide_payment(tools, asking, command))


@router.post("/dismiss", summary="Dismiss", responses=declared(404))
async def post_dismiss(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded, body: ReasonBody
) -> Operation:
    """Take an unmatched payment off the list; it is not written until it is tied or retried."""
    command = Dismiss(**about, reason=body.reason)
    return await answering.answer(tools, await decide_payment(tools, asking, command))


@router.post("/confirm-foreign", summary="Confirm the payment typed by hand", responses=declared(404))
async def post_confirm_foreign(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded
) -> Operation:
    """The contract payment that somebody typed into Procore is this payment."""
    return await answering.answer(tools, await decide_payment(tools, asking, ConfirmForeign(**about)))


@router.post("/write-anyway", summary="Write it anyway", responses=declared(404))
async def post_write_anyway(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded, body: ReasonBody
) -> Operation:
    """The contract payment that somebody typed into Procore is another one: write ours beside it."""
    command = WriteAnyway(**about, reason=body.reason)
    return await answering.answer(tools, await decide_payment(tools, asking, command))


@router.post("/retry", summary="Retry", responses=declared(404))
async def post_retry(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded
) -> Operation:
    """Try again what Procore refused, and read the commitment's payments anew; lifts a dismissal."""
    return await answering.answer(tools, await decide_payment(tools, asking, RetryWriteBack(**about)))


@router.post("/resolve", summary="Resolve by hand", responses=declared(404))
async def post_resolve(
    tools: ToolsOf, asking: ProcessorOnce, about: About, answering: AnswerOnceEnded, body: ReasonBody
) -> Operation:
    """Somebody has brought Procore in line by hand; nothing is tried until the ledger's facts change."""
    command = ResolveByHand(**about, reason=body.reason)
    return await answering.answer(tools, await decide_payment(tools, asking, command))
