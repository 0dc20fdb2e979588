"""AP invoices: begin, show, refresh, process."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.actions import Action, InvoiceActions
from drawbridge.contracts.invoices import Invoice, InvoiceSource
from drawbridge.contracts.payments import InvoicePaymentsState, PaymentLine, PaymentState
from drawbridge.contracts.procore_invoices import InvoiceStatus
from drawbridge.contracts.values import Amount
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import (
    ExpectedVersion,
    InvoicePath,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_moment
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.procore_invoices import HistoryList
from drawbridge.gateway.usecases.create_invoice import create_invoice
from drawbridge.gateway.usecases.process_invoice import Processing, process_invoice
from drawbridge.gateway.usecases.refresh_invoice import preview_or_apply, refresh_invoice
from drawbridge.gateway.usecases.show_invoice import (
    ShownInvoice,
    show_invoice,
    show_invoice_history,
    show_invoices,
    show_source,
)

router = APIRouter(prefix="/v1/vaults/{vault_id}/invoices", tags=["AP invoices"])


class InvoiceActionsView(BaseModel):
    """The actions of an AP invoice; where one is not allowed, ``reason`` and ``advice`` say why."""

    model_config = ConfigDict(populate_by_name=True)

    import_: Action = Field(alias="import")
    refresh: Action
    process: Action

    @classmethod
    def of(cls, actions: InvoiceActions) -> "InvoiceActionsView":
        """The same with names as JSON has them."""
        return cls(import_=actions.import_, refresh=actions.refresh, process=actions.process)


class PaymentsView(BaseModel):
    """What the ledger has paid of an AP invoice; ``cause`` says why ``payable`` is not the net due."""

    payment_state: PaymentState
    payable: Amount
    cash: Amount
    discount: Amount
    credit: Amount
    cause: str
    payments: tuple[PaymentLine, ...]

    @classmethod
    def of(cls, state: InvoicePaymentsState) -> "PaymentsView":
        """What is shown of the payment state."""
        return cls.model_validate(state.model_dump(include=set(cls.model_fields)))


class InvoiceView(Invoice):
    """An AP invoice. ``version`` is for ``If-Match``."""

    version: int
    requisition_id: int | None
    actions: InvoiceActionsView
    payments: PaymentsView | None = None

    @classmethod
    def of_shown(cls, shown: ShownInvoice) -> "InvoiceView":
        """The invoice as JSON has it."""
        return cls(
            **dict(shown.stored.invoice),
            version=shown.stored.version,
            requisition_id=shown.stored.requisition_id,
            actions=InvoiceActionsView.of(shown.actions),
            payments=PaymentsView.of(shown.payments) if shown.payments else None,
        )


class RefreshBody(BaseModel):
    """Either ``preview: true``, or the ``content_hash`` of a preview to apply exactly that."""

    preview: bool = False
    content_hash: str | None = Field(default=None, max_length=200)


class ProcessBody(BaseModel):
    """The ledger's own reference where it is known; ``acknowledge`` is the reason to ignore a change."""

    ledger_bill_id: str | None = Field(default=None, max_length=200)
    ledger_vendor_code: str | None = Field(default=None, max_length=200)
    acknowledge: str | None = Field(default=None, min_length=1, max_length=2000)


@router.get("", summary="List AP invoices", responses=declared(404))
async def list_invoices(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    paging: PagingOf,
    status: Annotated[InvoiceStatus | None, Query()] = None,
) -> Page[InvoiceView]:
    """AP invoices, the newest first."""
    before = after_moment(paging.cursor)
    found = await show_invoices(tools, vault_id, status=status, before=before, limit=paging.one_more)
    return paging.page(
        found,
        InvoiceView.of_shown,
        lambda shown: [shown.stored.invoice.created_at.isoformat(), str(shown.stored.invoice.id)],
    )


@router.post("", summary="Begin a blank AP invoice", responses=declared(404))
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
    """What happened to an AP invoice, the newest first."""
    return HistoryList(items=await show_invoice_history(tools, vault_id, invoice_id))


@router.post("/{invoice_id}/refresh", summary="Refresh", responses=declared(404, 409))
async def post_refresh(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: RefreshBody,
    expected_version: ExpectedVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Preview what Procore changed (``differences``, ``content_hash``), or apply exactly that preview."""
    preview_or_apply(preview=body.preview, content_hash=body.content_hash)
    operation = await refresh_invoice(
        tools,
        asking,
        vault_id,
        invoice_id,
        content_hash=body.content_hash,
        expected_version=expected_version,
    )
    return await answering.answer(tools, operation)


@router.post("/{invoice_id}/process", summary="Process", responses=declared(404))
async def post_process(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    expected_version: ExpectedVersion,
    answering: AnswerOnceEnded,
    body: ProcessBody | None = None,
) -> Operation:
    """Hand it over to the ledger: emits ``drawbridge.invoice.processed.v1``."""
    given = body or ProcessBody()
    processing = Processing(**given.model_dump(), expected_version=expected_version)
    operation = await process_invoice(tools, asking, vault_id, invoice_id, processing)
    return await answering.answer(tools, operation)
