"""Payments: allocations of the ledger's payments, and those that wait for an AP invoice."""

from typing import Annotated

from fastapi import APIRouter, Query

from drawbridge.contracts.payments import AllocationState
from drawbridge.contracts.values import ProcoreId
from drawbridge.gateway.entrypoints.http.asking import ToolsOf, VaultPath, ViewerOf
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_day, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.show_payments import show_allocations

router = APIRouter(prefix="/v1/vaults/{vault_id}", tags=["payments"])


@router.get("/payments", summary="List payments", responses=declared(404))
async def list_payments(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
    requisition_id: Annotated[ProcoreId | None, Query()] = None,
    unmatched: Annotated[
        bool | None, Query(description="only those that wait for an AP invoice, or only the others")
    ] = None,
) -> Page[AllocationState]:
    """Allocations of the ledger's payments with match and write-back, the latest first."""
    found = await show_allocations(
        tools,
        vault_id,
        requisition_id=requisition_id,
        unmatched=unmatched,
        before=after_day(paging.cursor),
        limit=paging.one_more,
    )
    return paging.page(found, same, _key)


@router.get("/payments/unmatched", summary="List unmatched payments", responses=declared(404))
async def list_unmatched(
    tools: ToolsOf,
    asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
) -> Page[AllocationState]:
    """Allocations that found no AP invoice, each with its reason and candidates."""
    return await list_payments(tools, asking, vault_id, paging, unmatched=True)


def _key(state: AllocationState) -> list[str | int]:
    return [state.payment.date.isoformat(), str(state.id)]
