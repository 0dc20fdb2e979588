"""Queue documents: approved Procore invoices that wait for New Invoice (product rule 7)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from drawbridge.contracts.procore_invoices import Commitment, ProcoreInvoice, Vendor
from drawbridge.contracts.values import Amount, ProcoreId, Timestamp
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import (
    ProcessorOf,
    RequiredVersion,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.bodies import Body
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded, command_answers
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_number
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.hold_row import delete_document
from drawbridge.gateway.usecases.new_invoice import new_invoice, show_queue

router = APIRouter(prefix="/v1/vaults/{vault_id}/queue-documents", tags=["queue documents"])


class QueueDocumentView(BaseModel):
    """A Procore invoice in the queue, already fetched."""

    id: UUID
    version: int = Field(description="for `If-Match`: the version of its row")
    requisition_id: int
    project_id: int
    project_name: str
    commitment: Commitment
    vendor: Vendor
    invoice_number: str | None
    net_due: Amount | None
    currency: str
    fetched_at: Timestamp
    content_hash: str


class NewInvoiceBody(Body):
    """``content_hash`` of an earlier 409 accepts the differences that it showed."""

    content_hash: str | None = Field(default=None, max_length=200)


@router.get("", summary="List the queue", responses=declared(404))
async def list_queue_documents(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
    project_id: Annotated[ProcoreId | None, Query()] = None,
) -> Page[QueueDocumentView]:
    """What waits in the vault's queue, by requisition id."""
    after = after_number(paging.cursor) or 0
    found = await show_queue(tools, vault_id, project_id=project_id, after=after, limit=paging.one_more)
    return paging.page(found, _view, lambda row: [row.requisition_id])


@router.post("/{queue_document_id}/new-invoice", summary="New Invoice", responses=command_answers())
async def post_new_invoice(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    queue_document_id: Annotated[UUID, Path(description="the queue document's id")],
    answering: AnswerOnceEnded,
    body: NewInvoiceBody | None = None,
) -> Operation:
    """Make the AP invoice. Where Procore changed since: 409 with the differences and a content hash."""
    content_hash = body.content_hash if body else None
    operation = await new_invoice(tools, asking, vault_id, queue_document_id, content_hash)
    return await answering.answer(tools, operation)


@router.delete("/{queue_document_id}", summary="Delete a queue document", responses=command_answers(428))
async def delete_queue_document(
    tools: ToolsOf,
    asking: ProcessorOf,
    vault_id: VaultPath,
    queue_document_id: Annotated[UUID, Path(description="the queue document's id")],
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
    reason: Annotated[str, Query(min_length=1, max_length=2000, description="why; it is kept")],
) -> Operation:
    """Take it out of the queue; its Procore invoice is held with the reason. The version is the row's."""
    operation = await delete_document(tools, asking, vault_id, queue_document_id, reason, expected_version)
    return await answering.answer(tools, operation, seen=expected_version)


def _view(row: ProcoreInvoice) -> QueueDocumentView:
    if row.queue_document is None:
        raise ValueError(f"The row {row.requisition_id} has no queue document.")
    same = (
        "requisition_id",
        "project_id",
        "project_name",
        "commitment",
        "vendor",
        "net_due",
        "currency",
        "version",
    )
    return QueueDocumentView(
        **{name: getattr(row, name) for name in same},
        invoice_number=row.invoice_number,
        id=row.queue_document.id,
        fetched_at=row.queue_document.fetched_at,
        content_hash=row.queue_document.content_hash,
    )
