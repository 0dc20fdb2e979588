"""The grid: Procore invoices, and importing them."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python

from drawbridge.contracts import Problem
from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import ImportState
from drawbridge.contracts.values import ProcoreId, Timestamp, Waiting
from drawbridge.gateway.domain.grid_sort import Order, Sort, SortName
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.payments_flow import PaymentsFlow
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.entrypoints.http.as_csv import csv_answer, wants_csv
from drawbridge.gateway.entrypoints.http.asking import (
    ExpectedVersion,
    RequiredVersion,
    RequisitionPath,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.bodies import Body, Id
from drawbridge.gateway.entrypoints.http.grid_csv import COLUMNS, csv_pages
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded, command_answers
from drawbridge.gateway.entrypoints.http.pages import MOST_ITEMS, Page, Paging
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.query import described, reading
from drawbridge.gateway.entrypoints.http.reason import ReasonBody
from drawbridge.gateway.entrypoints.http.rows import ProcoreInvoiceView, members_of
from drawbridge.gateway.store.grid import MOST_HITS, GridFilter
from drawbridge.gateway.store.history import HistoryLine
from drawbridge.gateway.usecases.hold_row import dismiss_error
from drawbridge.gateway.usecases.import_invoice import import_invoice
from drawbridge.gateway.usecases.show_grid import Grid, GridQuery, show_grid, show_row, show_row_history
from drawbridge.runtime import utc_now

router = APIRouter(prefix="/v1/vaults/{vault_id}/procore-invoices", tags=["Procore invoices"])

_SHORTEST_SEARCH = 3


class GridPage(Page[ProcoreInvoiceView]):
    """A page of the grid; ``as_of``, ``waiting`` and ``problem`` are the chosen project's."""

    as_of: Timestamp | None = None
    waiting: Waiting | None = None
    problem: Problem | None = None
    payments_flow: PaymentsFlow


class GridParameters(BaseModel):
    """Which part of the grid to show."""

    project_id: ProcoreId | None = None
    past_days: int = Field(
        default=30,
        ge=1,
        le=36500,
        description="days of billing date, today included, in the vault's time zone",
    )
    range: Literal["all"] | None = Field(default=None, description="`all` shows every day")
    open_invoice_id: UUID | None = Field(default=None, description="the AP invoice that the user has open")
    state: ImportState | None = None
    payment_state: PaymentState | None = None
    drift: bool | None = Field(default=None, description="only rows with drift, or only rows without")
    q: str = Field(
        default="",
        max_length=200,
        json_schema_extra={"pattern": r"^\s*(\S[\s\S]+\S\s*)?$"},
        description="the first 3 or more characters of an invoice number, commitment number or vendor: "
        f"the {MOST_HITS} best hits of all days, on one page",
    )
    sort: SortName = "billing_date"
    order: Order | None = Field(
        default=None, description="if not given: the latest and the largest first, vendors from A"
    )
    cursor: str | None = Field(default=None, max_length=500, description="`next_cursor` of the page before")
    limit: int = Field(default=100, ge=1, le=MOST_ITEMS, description="rows on a page")


class ImportBody(Body):
    """How to import. ``open_invoice_id`` is the blank AP invoice that the user has open, to be filled."""

    open_invoice_id: Id | None = None


class HistoryList(BaseModel):
    """What happened, the newest first."""

    items: list[HistoryLine]


@router.get(
    "",
    summary="Show the grid",
    response_model=GridPage,
    responses=declared(404, csv="all rows from the cursor on, one line each"),
    openapi_extra=described(GridParameters),
)
async def list_procore_invoices(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    chosen: Annotated[GridParameters, Depends(reading(GridParameters))],
    request: Request,
) -> Response:
    """Procore invoices with their import state and actions.

    Rows in error or with drift show whatever the range is. CSV has all rows, whatever the `limit`.
    """
    query = _query(vault_id, chosen)
    if wants_csv(request):
        await show_grid(tools, replace(query, limit=1))
        return csv_answer(f"procore-invoices-{vault_id}", COLUMNS, csv_pages(tools, query))
    grid = await show_grid(tools, query)
    answer = Response(_page(grid), media_type="application/json")
    Paging(request, answer, chosen.cursor, chosen.limit).link(grid.next_cursor)
    return answer


@router.get("/{requisition_id}", summary="Show a Procore invoice", responses=declared(404))
async def get_procore_invoice(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    requisition_id: RequisitionPath,
    response: Response,
    open_invoice_id: UUID | None = None,
) -> ProcoreInvoiceView:
    """One row of the grid; ``ETag`` is its version."""
    view = ProcoreInvoiceView.of(await show_row(tools, vault_id, requisition_id, open_invoice_id))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.get("/{requisition_id}/history", summary="Show its history", responses=declared(404))
async def get_history(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, requisition_id: RequisitionPath
) -> HistoryList:
    """What happened to a Procore invoice here, the newest first."""
    return HistoryList(items=await show_row_history(tools, vault_id, requisition_id))


@router.post("/{requisition_id}/import", summary="Import", responses=command_answers())
async def post_import(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    requisition_id: RequisitionPath,
    expected_version: ExpectedVersion,
    answering: AnswerOnceEnded,
    body: ImportBody | None = None,
) -> Operation:
    """Make an AP invoice of it. Waits for the outcome (5 s, or ``Prefer: wait=N``), else 202."""
    operation = await import_invoice(
        tools,
        asking,
        vault_id,
        requisition_id,
        open_invoice_id=body.open_invoice_id if body else None,
        expected_version=expected_version,
    )
    return await answering.answer(tools, operation, seen=expected_version)


@router.post("/{requisition_id}/dismiss", summary="Dismiss its error", responses=command_answers(428))
async def post_dismiss_error(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    requisition_id: RequisitionPath,
    body: ReasonBody,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """An error that needs no more attention: the row is held with the reason, until somebody names it."""
    operation = await dismiss_error(tools, asking, vault_id, requisition_id, body.reason, expected_version)
    return await answering.answer(tools, operation, seen=expected_version)


def _query(vault_id: str, chosen: GridParameters) -> GridQuery:
    sort = Sort.by(chosen.sort, chosen.order)
    return GridQuery(
        vault_id,
        GridFilter(
            project_id=chosen.project_id,
            state=chosen.state,
            payment_state=chosen.payment_state,
            drift=chosen.drift,
        ),
        now=utc_now(),
        past_days=None if chosen.range == "all" else chosen.past_days,
        open_invoice_id=chosen.open_invoice_id,
        sort=sort,
        after=sort.place(chosen.cursor) if chosen.cursor else None,
        limit=chosen.limit,
        words=_words(chosen.q),
    )


def _page(grid: Grid) -> bytes:
    """A `GridPage`, written in one go: its rows are JSON already."""
    project = grid.project
    beside = {
        "next_cursor": grid.next_cursor,
        "as_of": project.as_of if project else None,
        "waiting": project.waiting if project else None,
        "problem": project.problem if project else None,
        "payments_flow": grid.payments_flow,
    }
    return orjson.dumps({"items": [members_of(shown) for shown in grid.rows], **to_jsonable_python(beside)})


def _words(q: str) -> str:
    words = q.strip()
    if 0 < len(words) < _SHORTEST_SEARCH:
        raise Invalid(
            "search_too_short",
            f"q has fewer than {_SHORTEST_SEARCH} characters.",
            "Give the beginning of an invoice number, a commitment number or a vendor.",
        )
    return words
