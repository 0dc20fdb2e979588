"""Reprocess and import: one row, or many by name or by filter."""

from fastapi import APIRouter

from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import (
    ExpectedVersion,
    RequisitionPath,
    ToolsOf,
    VaultPath,
)
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.many_rows import ManyRowsBody, ManyRowsOutcome
from drawbridge.gateway.entrypoints.http.operations import AnswerAtOnce, command_answers
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.import_many import import_many
from drawbridge.gateway.usecases.reprocess import reprocess, reprocess_many

router = APIRouter(prefix="/v1/vaults/{vault_id}", tags=["reprocess"])


@router.post(
    "/procore-invoices/{requisition_id}/reprocess",
    summary="Reprocess one row",
    status_code=202,
    responses=command_answers(),
)
async def post_reprocess(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    requisition_id: RequisitionPath,
    expected_version: ExpectedVersion,
    answering: AnswerAtOnce,
) -> Operation:
    """Ask the cloud service to import it by the vault's behavior; returns at once."""
    operation = await reprocess(tools, asking, vault_id, requisition_id, expected_version)
    return await answering.answer(tools, operation)


@router.post("/reprocess", summary="Reprocess many rows", status_code=202, responses=declared(404, 409))
async def post_bulk(
    tools: ToolsOf, asking: ProcessorOnce, vault_id: VaultPath, body: ManyRowsBody
) -> ManyRowsOutcome:
    """As for one row, for up to 10,000 at once; every row has its own outcome."""
    return ManyRowsOutcome.of(await reprocess_many(tools, asking, vault_id, body.choice()))


@router.post("/import", summary="Import many rows", status_code=202, responses=declared(404, 409))
async def post_import_many(
    tools: ToolsOf, asking: ProcessorOnce, vault_id: VaultPath, body: ManyRowsBody
) -> ManyRowsOutcome:
    """Import up to 10,000 rows at once, each into an AP invoice of its own, whatever the vault's behavior."""
    return ManyRowsOutcome.of(await import_many(tools, asking, vault_id, body.choice()))
