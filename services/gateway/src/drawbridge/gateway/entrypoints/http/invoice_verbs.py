"""What is done with an AP invoice: refresh, process, the ledger's reference, withdraw, reopen."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from drawbridge.contracts.import_commands import (
    ProcessInvoice,
    RefreshInvoice,
    ReopenInvoice,
    SetLedgerReference,
    WithdrawInvoice,
)
from drawbridge.gateway.domain.operations import Operation, OperationKind
from drawbridge.gateway.domain.refusals import IF_MATCH_MISSING, Unconditional
from drawbridge.gateway.entrypoints.http.asking import (
    ConditionOf,
    InvoicePath,
    ProcessorOf,
    RequiredVersion,
    ToolsOf,
    VaultPath,
)
from drawbridge.gateway.entrypoints.http.bodies import UNNAMED, Body
from drawbridge.gateway.entrypoints.http.idempotency import AdminOnce, ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded, command_answers
from drawbridge.gateway.entrypoints.http.reason import ReasonBody
from drawbridge.gateway.usecases.command_invoice import command_invoice

router = APIRouter(prefix="/v1/vaults/{vault_id}/invoices/{invoice_id}", tags=["AP invoices"])

_ANSWERS = command_answers(428)


class RefreshBody(Body):
    """Either ``preview: true``, or the ``content_hash`` of a preview to apply exactly that."""

    model_config = ConfigDict(json_schema_extra={"maxProperties": 1, "minProperties": 1})

    preview: Literal[True] = UNNAMED
    content_hash: Annotated[str, Field(min_length=1, max_length=200)] = UNNAMED

    @model_validator(mode="after")
    def _one_of_both(self) -> "RefreshBody":
        if len(self.model_fields_set) != 1:
            raise ValueError("send either preview: true, or the content_hash of a preview to apply it")
        return self


class ReferenceBody(Body):
    """The ledger's own keys of the bill; what is left out is removed."""

    ledger_bill_id: str | None = Field(default=None, min_length=1, max_length=200, examples=["B-10042"])
    ledger_vendor_code: str | None = Field(default=None, min_length=1, max_length=200, examples=["ACME"])


class ProcessBody(Body):
    """The ledger's own reference where it is known; ``acknowledge`` is the reason to ignore a change."""

    ledger_bill_id: str | None = Field(default=None, max_length=200, examples=["B-10042"])
    ledger_vendor_code: str | None = Field(default=None, max_length=200, examples=["ACME"])
    acknowledge: str | None = Field(default=None, min_length=1, max_length=2000)


@router.post("/refresh", summary="Refresh", responses=_ANSWERS)
async def refresh_invoice(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: RefreshBody,
    condition: ConditionOf,
    answering: AnswerOnceEnded,
) -> Operation:
    """Preview what Procore changed (``differences``, ``content_hash``), or apply exactly that preview.

    Applying needs ``If-Match``; a preview changes nothing and does not.
    """
    preview = "preview" in body.model_fields_set
    if not preview and not condition.given:
        raise Unconditional(*IF_MATCH_MISSING)
    command = RefreshInvoice(
        vault_id=vault_id,
        invoice_id=invoice_id,
        preview=preview,
        content_hash=body.content_hash,
        requested_by=asking.caller.name,
        expected_version=condition.version,
    )
    kind: OperationKind = "refresh_preview" if preview else "refresh_invoice"
    operation = await command_invoice(tools, asking, kind, command)
    return await answering.answer(tools, operation, seen=condition.version)


@router.post("/process", summary="Process", responses=_ANSWERS)
async def process_invoice(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
    body: ProcessBody | None = None,
) -> Operation:
    """Hand it over to the ledger: emits ``drawbridge.invoice.processed.v1``."""
    command = ProcessInvoice(
        **(body or ProcessBody()).model_dump(),
        vault_id=vault_id,
        invoice_id=invoice_id,
        requested_by=asking.caller.name,
        expected_version=expected_version,
    )
    operation = await command_invoice(tools, asking, "process_invoice", command)
    return await answering.answer(tools, operation, seen=expected_version)


@router.put("/ledger-reference", summary="Tell the ledger's reference", responses=_ANSWERS)
async def put_ledger_reference(
    tools: ToolsOf,
    asking: ProcessorOf,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: ReferenceBody,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """The ledger's own ids of the bill, before or after it was processed; payments match by them first."""
    command = SetLedgerReference(
        **body.model_dump(),
        vault_id=vault_id,
        invoice_id=invoice_id,
        requested_by=asking.caller.name,
        expected_version=expected_version,
    )
    operation = await command_invoice(tools, asking, "set_ledger_reference", command)
    return await answering.answer(tools, operation, seen=expected_version)


@router.post("/withdraw", summary="Withdraw", responses=_ANSWERS)
async def withdraw_invoice(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: ReasonBody,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Undo the import while unprocessed; the Procore invoice is held with the reason."""
    command = WithdrawInvoice(
        vault_id=vault_id,
        invoice_id=invoice_id,
        reason=body.reason,
        requested_by=asking.caller.name,
        expected_version=expected_version,
    )
    operation = await command_invoice(tools, asking, "withdraw_invoice", command)
    return await answering.answer(tools, operation, seen=expected_version)


@router.post("/reopen", summary="Reopen", responses=_ANSWERS)
async def reopen_invoice(
    tools: ToolsOf,
    asking: AdminOnce,
    vault_id: VaultPath,
    invoice_id: InvoicePath,
    body: ReasonBody,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Make a processed one unprocessed again, while no payment is tied: an admin's decision, with a reason.

    Emits ``drawbridge.invoice.reopened.v1``.
    """
    command = ReopenInvoice(
        vault_id=vault_id,
        invoice_id=invoice_id,
        reason=body.reason,
        requested_by=asking.caller.name,
        expected_version=expected_version,
    )
    operation = await command_invoice(tools, asking, "reopen_invoice", command)
    return await answering.answer(tools, operation, seen=expected_version)
