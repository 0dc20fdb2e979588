"""The audit trail, of one vault for its admins and of the whole instance for operators; also as CSV."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from drawbridge.contracts.values import VaultId
from drawbridge.gateway.entrypoints.http.as_csv import Line, csv_answer, wants_csv
from drawbridge.gateway.entrypoints.http.asking import AdminOf, OperatorOf, ToolsOf, VaultPath
from drawbridge.gateway.entrypoints.http.bodies import Moment
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_number, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.audit import AuditLine, AuditPeriod
from drawbridge.gateway.usecases.show_audit import show_audit, show_whole_audit
from drawbridge.gateway.usecases.tools import Tools

router = APIRouter(tags=["audit"])

_COLUMNS = ("id", "at", "caller", "address", "action", "vault_id", "subject", "correlation_id", "detail")
_CSV = f"the columns {', '.join(_COLUMNS)}; all lines of the period"


async def period(
    since: Annotated[Moment | None, Query(description="only from this instant on")] = None,
    until: Annotated[Moment | None, Query(description="only before this instant")] = None,
) -> AuditPeriod:
    """Which part of the trail is asked for."""
    return AuditPeriod(since, until)


type PeriodOf = Annotated[AuditPeriod, Depends(period)]


@router.get(
    "/v1/audit",
    summary="Show who did what",
    response_model=Page[AuditLine],
    responses=declared(csv=_CSV),
)
async def get_audit(  # one for each part of the request
    tools: ToolsOf,
    _asking: OperatorOf,
    request: Request,
    paging: PagingOf,
    asked: PeriodOf,
    vault_id: Annotated[VaultId | None, Query()] = None,
) -> Page[AuditLine] | StreamingResponse:
    """Every change that somebody asked for on this instance, from where, the newest first."""
    return await _answer(tools, request, paging, asked, vault_id)


@router.get(
    "/v1/vaults/{vault_id}/audit",
    summary="Show who did what in a vault",
    response_model=Page[AuditLine],
    responses=declared(404, csv=_CSV),
)
async def get_vault_audit(  # one for each part of the request
    tools: ToolsOf, _asking: AdminOf, vault_id: VaultPath, request: Request, paging: PagingOf, asked: PeriodOf
) -> Page[AuditLine] | StreamingResponse:
    """Every change that somebody asked for in the vault, from where, the newest first."""
    return await _answer(tools, request, paging, asked, vault_id)


async def _answer(
    tools: Tools, request: Request, paging: PagingOf, asked: AuditPeriod, vault_id: str | None
) -> Page[AuditLine] | StreamingResponse:
    if wants_csv(request):
        return csv_answer("audit", _COLUMNS, _lines(tools, vault_id, asked))
    before = after_number(paging.cursor)
    found = await show_audit(tools, vault_id=vault_id, asked=asked, before=before, limit=paging.one_more)
    return paging.page(found, same, lambda line: [line.id])


async def _lines(tools: Tools, vault_id: str | None, asked: AuditPeriod) -> AsyncIterator[list[Line]]:
    async for page in show_whole_audit(tools, vault_id=vault_id, asked=asked):
        yield [_line(each) for each in page]


def _line(line: AuditLine) -> Line:
    cells = line.model_dump(mode="json") | {"detail": json.dumps(line.detail, sort_keys=True)}
    return [cells[name] for name in _COLUMNS]
