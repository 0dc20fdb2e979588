"""Requests: what was asked of the vault's automation, with every attempt."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from drawbridge.contracts.requests import RequestState, RequestStatus
from drawbridge.contracts.values import ProcoreId
from drawbridge.gateway.entrypoints.http.asking import ToolsOf, VaultPath, ViewerOf
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_moment, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.show_requests import show_request, show_requests

router = APIRouter(prefix="/v1/vaults/{vault_id}/requests", tags=["requests"])


@router.get("", summary="List requests", responses=declared(404))
async def list_requests(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
    requisition_id: Annotated[ProcoreId | None, Query()] = None,
    status: Annotated[RequestStatus | None, Query()] = None,
) -> Page[RequestState]:
    """Reprocess and automated requests, the newest first."""
    found = await show_requests(
        tools,
        vault_id,
        requisition_id=requisition_id,
        status=status,
        before=after_moment(paging.cursor),
        limit=paging.one_more,
    )
    return paging.page(
        found,
        same,
        lambda state: [state.received_at.isoformat(), str(state.id)],
    )


@router.get("/{request_id}", summary="Show a request", responses=declared(404))
async def get_request(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, request_id: UUID
) -> RequestState:
    """From whom it came, its attempts, the next try and the result."""
    return await show_request(tools, vault_id, request_id)
