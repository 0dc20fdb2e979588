"""Reprocess: one row, or many by name or by filter."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator

from drawbridge.contracts import Problem
from drawbridge.contracts.procore_invoices import ImportState
from drawbridge.contracts.values import ProcoreId
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import (
    RequisitionPath,
    ToolsOf,
    VaultPath,
)
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerAtOnce
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.reprocess import (
    MOST_ROWS,
    RowOutcome,
    reprocess,
    reprocess_filtered,
    reprocess_named,
)

router = APIRouter(prefix="/v1/vaults/{vault_id}", tags=["reprocess"])


class ReprocessFilter(BaseModel):
    """Which rows; held ones are skipped."""

    project_id: ProcoreId | None = None
    state: ImportState | None = None


class ReprocessBody(BaseModel):
    """Rows by name (held ones are lifted) or by filter."""

    requisition_ids: Annotated[list[ProcoreId], Field(min_length=1, max_length=MOST_ROWS)] | None = None
    filter: ReprocessFilter | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "ReprocessBody":
        if (self.requisition_ids is None) == (self.filter is None):
            raise ValueError("give either requisition_ids or filter")
        return self


class RowOutcomeView(BaseModel):
    """What became of one row: an operation, or the reason why not."""

    requisition_id: int
    operation_id: UUID | None = None
    problem: Problem | None = None


class ReprocessOutcome(BaseModel):
    """How many requests were published, and what became of each row."""

    requested: int
    refused: int
    rows: list[RowOutcomeView]


@router.post(
    "/procore-invoices/{requisition_id}/reprocess",
    summary="Reprocess one row",
    status_code=202,
    responses=declared(404, 409),
)
async def post_reprocess(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    requisition_id: RequisitionPath,
    answering: AnswerAtOnce,
) -> Operation:
    """Ask the cloud service to import it by the vault's behavior; returns at once."""
    operation = await reprocess(tools, asking, vault_id, requisition_id)
    return await answering.answer(tools, operation)


@router.post("/reprocess", summary="Reprocess many rows", status_code=202, responses=declared(404))
async def post_bulk(
    tools: ToolsOf, asking: ProcessorOnce, vault_id: VaultPath, body: ReprocessBody
) -> ReprocessOutcome:
    """As for one row, for up to 10,000 at once; every row has its own outcome."""
    if body.requisition_ids is not None:
        outcomes = await reprocess_named(tools, asking, vault_id, body.requisition_ids)
    else:
        chosen = body.filter or ReprocessFilter()
        outcomes = await reprocess_filtered(tools, asking, vault_id, chosen.project_id, chosen.state)
    rows = [_view(each) for each in outcomes]
    requested = sum(row.operation_id is not None for row in rows)
    return ReprocessOutcome(requested=requested, refused=len(rows) - requested, rows=rows)


def _view(outcome: RowOutcome) -> RowOutcomeView:
    return RowOutcomeView(
        requisition_id=outcome.requisition_id,
        operation_id=outcome.operation.id if outcome.operation else None,
        problem=outcome.problem,
    )
