"""The audit trail."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from drawbridge.contracts.values import VaultId
from drawbridge.gateway.entrypoints.http.as_csv import Line, csv_answer, wants_csv
from drawbridge.gateway.entrypoints.http.asking import OperatorOf, ToolsOf
from drawbridge.gateway.entrypoints.http.pages import MOST_ITEMS, Page, PagingOf, after_number, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.audit import AuditLine
from drawbridge.gateway.usecases.show_audit import show_audit
from drawbridge.gateway.usecases.tools import Tools

router = APIRouter(tags=["audit"])


_COLUMNS = ("id", "at", "caller", "address", "action", "vault_id", "subject", "correlation_id", "detail")


@router.get(
    "/v1/audit",
    summary="Show who did what",
    response_model=Page[AuditLine],
    responses=declared(csv="the whole trail from the cursor on"),
)
async def get_audit(
    tools: ToolsOf,
    _asking: OperatorOf,
    paging: PagingOf,
    vault_id: Annotated[VaultId | None, Query(description="only in this vault")] = None,
    caller: Annotated[str | None, Query(max_length=200, description="only by this caller")] = None,
) -> Page[AuditLine] | Response:
    """Every change that somebody asked for, the newest first; as CSV the whole trail."""
    before = after_number(paging.cursor)
    if wants_csv(paging.request):
        return csv_answer("audit", _COLUMNS, _pages(tools, vault_id, caller, before))
    found = await show_audit(tools, vault_id=vault_id, caller=caller, before=before, limit=paging.one_more)
    return paging.page(found, same, lambda line: [line.id])


async def _pages(
    tools: Tools, vault_id: str | None, caller: str | None, before: int | None
) -> AsyncIterator[Sequence[Line]]:
    while True:
        found = await show_audit(tools, vault_id=vault_id, caller=caller, before=before, limit=MOST_ITEMS)
        yield [_line(each) for each in found]
        if len(found) < MOST_ITEMS:
            return
        before = found[-1].id


def _line(line: AuditLine) -> Line:
    members = line.model_dump()
    return [*(members[name] for name in _COLUMNS[:-1]), json.dumps(line.detail, sort_keys=True)]
