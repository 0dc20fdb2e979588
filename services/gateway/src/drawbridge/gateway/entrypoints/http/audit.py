"""The audit trail."""

from typing import Annotated

from fastapi import APIRouter, Query

from drawbridge.contracts.values import VaultId
from drawbridge.gateway.entrypoints.http.asking import OperatorOf, ToolsOf
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_number, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.audit import AuditLine
from drawbridge.gateway.usecases.show_audit import show_audit

router = APIRouter(tags=["audit"])


@router.get("/v1/audit", summary="Show who did what", responses=declared())
async def get_audit(
    tools: ToolsOf,
    _asking: OperatorOf,
    paging: PagingOf,
    vault_id: Annotated[VaultId | None, Query()] = None,
) -> Page[AuditLine]:
    """Every change that somebody asked for, the newest first."""
    found = await show_audit(
        tools, vault_id=vault_id, before=after_number(paging.cursor), limit=paging.one_more
    )
    return paging.page(found, same, lambda line: [line.id])
