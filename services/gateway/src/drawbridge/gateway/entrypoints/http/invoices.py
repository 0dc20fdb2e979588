"""AP invoices: begin, show, change what is ours, delete a blank one; the verbs are in ``invoice_verbs``."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.import_commands import DeleteInvoice
from drawbridge.contracts.invoices import Attachment, InvoiceLine, InvoiceSource
from drawbridge.contracts.procore_invoices import InvoiceStatus
from drawbridge.contracts.values import Day, GivenId
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.as_csv import csv_answer, wants_csv
from drawbridge.gateway.entrypoints.http.asking import (
    InvoicePath,
    ProcessorOf,
    RequiredVersion,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.bodies import Body, Moment
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.invoice_csv import COLUMNS, csv_pages
from drawbridge.gateway.entrypoints.http.invoice_views import InvoiceView
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded, command_answers
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_moment
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.procore_invoices import HistoryList
from drawbridge.gateway.usecases.command_invoice import InvoicePatch, change_invoice, command_invoice
from drawbridge.gateway.usecases.create_invoice import create_invoice
from drawbridge.gateway.usecases.show_invoice import (
    ShownInvoice,
    show_invoice,
    show_invoice_history,
    show_invoices,
    show_processed,
    show_source,
)

router = APIRouter(prefix="/v1/vaults/{vault_id}/invoices", tags=["AP invoices"])

type Code = Annotated[str, Field(min_length=1, max_length=200)]


class PatchLine(Body):
    """The coding of one line; a member that is left out stays, null removes it."""

    procore_line_id: GivenId
    ledger_account: Code | None = None
    job: Code | None = None
    cost_code: Code | None = None


class InvoicePatchBody(Body):
    """What is ours on an AP invoice; a member that is left out stays, null removes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ledger_vendor_code": "ACME",
                    "notes": "Hold the paper copy.",
                    "lines": [{"procore_line_id": 598134325900001, "ledger_account": "5000", "job": "J-12"}],
                }
            ]
        },
    )

    ledger_vendor_code: Code | None = None
    due_date: Day | None = None
    notes: str | None = Field(default=None, max_length=10_000)
    lines: list[PatchLine] = Field(default_factory=list, max_length=2_000)

    def patch(self) -> InvoicePatch:
        """Only what was named."""
        overrides = self.model_dump(exclude_unset=True, exclude={"lines"})
        if "notes" in overrides:
            overrides["notes"] = overrides["notes"] or ""
        codings = {
            line.procore_line_id: line.model_dump(exclude_unset=True, exclude={"procore_line_id"})
            for line in self.lines
        }
        return InvoicePatch(overrides, codings)


class LineList(BaseModel):
    """The lines of an AP invoice by position."""

    items: list[InvoiceLine]


class AttachmentList(BaseModel):
    """The attachments of an AP invoice: metadata only, the files stay in Procore."""

    items: list[Attachment]


@router.get(
    "",
    summary="List AP invoices",
    response_model=Page[InvoiceView],
    responses=declared(404, csv="processed ones, one line for each line of an invoice"),
)
async def list_invoices(  # one for each filter
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
    status: Annotated[InvoiceStatus | None, Query(description="only these")] = None,
    processed_since: Annotated[
        Moment | None, Query(description="with `status=processed`: handed over since")
    ] = None,
) -> Page[InvoiceView] | Response:
    """AP invoices, the newest first; with `status=processed` in the order in which they were handed over.

    A pull integration keeps the `processed_at` of the last one and asks with `processed_since` from there:
    a bill is known by (`id`, `revision`). CSV is always the whole list of processed ones.
    """
    at = after_moment(paging.cursor)
    if wants_csv(paging.request):
        await show_processed(tools, vault_id, since=processed_since, after=at, limit=1)
        pages = csv_pages(tools, vault_id, processed_since, at)
        return csv_answer(f"processed-invoices-{vault_id}", COLUMNS, pages)
    if status == "processed":
        found = await show_processed(tools, vault_id, since=processed_since, after=at, limit=paging.one_more)
        return paging.page(found, InvoiceView.of_shown, processed_key)
    found = await show_invoices(tools, vault_id, status=status, before=at, limit=paging.one_more)
    return paging.page(
        found,
        InvoiceView.of_shown,
        lambda shown: [shown.stored.invoice.created_at.isoformat(), str(shown.stored.invoice.id)],
    )


@router.post("", summary="Begin a blank AP invoice", responses=command_answers())
async def post_invoice(
    tools: ToolsOf, asking: ProcessorOnce, vault_id: VaultPath, answering: AnswerOnceEnded
) -> Operation:
    """Begin a blank one; the operation's ``result.invoice_id`` names it."""
    return await answering.answer(tools, await create_invoice(tools, asking, vault_id))


@router.get("/{invoice_id}", summary="Show an AP invoice", responses=declared(404))
async def get_invoice(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, invoice_id: InvoicePath, response: Response
) -> InvoiceView:
    """One AP invoice with its actions and payments; ``ETag`` is its version."""
    view = InvoiceView.of_shown(await show_invoice(tools, vault_id, invoice_id))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.patch("/{invoice_id}", summary="Change what is ours", responses=command_answers(428))
async def patch_invoice(
    tools: ToolsOf,
    asking: ProcessorOf,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: InvoicePatchBody,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Set the ledger's vendor code, the due date, notes, and the coding of lines, while unprocessed."""
    operation = await change_invoice(tools, asking, vault_id, invoice_id, body.patch(), expected_version)
    return await answering.answer(tools, operation, seen=expected_version)


@router.delete("/{invoice_id}", summary="Delete a blank AP invoice", responses=command_answers(428))
async def delete_invoice(
    tools: ToolsOf,
    asking: ProcessorOf,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Remove an AP invoice that did not come from Procore; an imported one is withdrawn instead."""
    command = DeleteInvoice(
        vault_id=vault_id,
        invoice_id=invoice_id,
        requested_by=asking.caller.name,
        expected_version=expected_version,
    )
    operation = await command_invoice(tools, asking, "delete_invoice", command)
    return await answering.answer(tools, operation, seen=expected_version)


@router.get("/{invoice_id}/lines", summary="Show its lines", responses=declared(404))
async def get_lines(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, invoice_id: InvoicePath, response: Response
) -> LineList:
    """The lines with their coding; ``ETag`` is the AP invoice's version."""
    stored = (await show_invoice(tools, vault_id, invoice_id)).stored
    response.headers["ETag"] = f'"{stored.version}"'
    return LineList(items=list(stored.invoice.content.lines) if stored.invoice.content else [])


@router.get("/{invoice_id}/attachments", summary="Show its attachments", responses=declared(404))
async def get_attachments(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, invoice_id: InvoicePath
) -> AttachmentList:
    """What is attached in Procore; the files are read there."""
    content = (await show_invoice(tools, vault_id, invoice_id)).stored.invoice.content
    return AttachmentList(items=list(content.header.attachments) if content else [])


@router.get("/{invoice_id}/source", summary="Show where it came from", responses=declared(404))
async def get_source(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, invoice_id: InvoicePath
) -> InvoiceSource:
    """The Procore invoice that it came from; who imported it, when and how."""
    return await show_source(tools, vault_id, invoice_id)


@router.get("/{invoice_id}/history", summary="Show its history", responses=declared(404))
async def get_invoice_history(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, invoice_id: InvoicePath
) -> HistoryList:
    """What happened to an AP invoice, the newest first; also when it was withdrawn or deleted."""
    return HistoryList(items=await show_invoice_history(tools, vault_id, invoice_id))


def processed_key(shown: ShownInvoice) -> list[str | int]:
    """What processed AP invoices are sorted by."""
    at = shown.stored.invoice.processed_at
    return [at.isoformat() if at else "", str(shown.stored.invoice.id)]
