"""How an event moves the operation that caused it: the event whose cause is the command's id closes it.

An event says which kinds of operations it may close, because one command can cause several events: a
re-read of a project changes many rows, and only the project's own event ends it.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from drawbridge.contracts import Envelope, Message, Problem
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused, Difference, RefreshPreviewed
from drawbridge.contracts.payments import AllocationState, RunState
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState, ProjectState
from drawbridge.contracts.values import Timestamp, Value
from drawbridge.contracts.vendor_map import VendorMapChanged
from drawbridge.gateway.domain.operations import OperationKind

INVOICE_KINDS: tuple[OperationKind, ...] = (
    "import_invoice",
    "new_invoice",
    "create_invoice",
    "refresh_invoice",
    "process_invoice",
    "change_invoice",
    "set_ledger_reference",
    "withdraw_invoice",
    "delete_invoice",
    "reopen_invoice",
    "dismiss_error",
    "delete_document",
)
PAYMENT_KINDS: tuple[OperationKind, ...] = (
    "tie_payment",
    "untie_payment",
    "dismiss_payment",
    "confirm_foreign",
    "write_anyway",
    "retry_payment",
    "resolve_payment",
)
ALL_KINDS: tuple[OperationKind, ...] = (
    *INVOICE_KINDS,
    *PAYMENT_KINDS,
    "sync_project",
    "refresh_preview",
    "run_job",
    "change_vendor_map",
)


class Step(Value):
    """The next status of one operation, if it is of one of these kinds and not yet final."""

    id: UUID
    kinds: tuple[OperationKind, ...]
    status: Literal["waiting", "done", "refused", "failed"]
    at: Timestamp
    attempts: int | None = None
    waiting_until: Timestamp | None = None
    waiting_reason: Problem | None = None
    problem: Problem | None = None
    result: dict[str, Any] | None = None
    differences: tuple[Difference, ...] | None = None
    content_hash: str | None = None


def step(envelope: Envelope, event: Message) -> Step | None:
    """What the event does to the operation that caused it, if anything."""
    if isinstance(event, CommandRefused):
        return _refused(event, envelope.time)
    if isinstance(event, CommandPostponed):
        return _postponed(event, envelope.time)
    if isinstance(event, RefreshPreviewed):
        return _previewed(event, envelope.time)
    if isinstance(event, VendorMapChanged):
        return _mapped(event, envelope.time)
    if envelope.causation_id is None:
        return None
    return _by_state(envelope.causation_id, event, envelope.time)


def _refused(event: CommandRefused, at: datetime) -> Step:
    return Step(
        id=event.command_id,
        kinds=ALL_KINDS,
        status="refused",
        at=at,
        problem=event.problem,
        differences=event.differences,
        content_hash=event.content_hash,
    )


def _postponed(event: CommandPostponed, at: datetime) -> Step:
    return Step(
        id=event.command_id,
        kinds=ALL_KINDS,
        status="waiting",
        at=at,
        attempts=event.attempt,
        waiting_until=event.next_at,
        waiting_reason=event.problem,
    )


def _previewed(event: RefreshPreviewed, at: datetime) -> Step:
    return Step(
        id=event.command_id,
        kinds=("refresh_preview",),
        status="done",
        at=at,
        result={"invoice_id": str(event.invoice_id)},
        differences=event.differences,
        content_hash=event.content_hash,
    )


def _mapped(event: VendorMapChanged, at: datetime) -> Step:
    result = {"changed": event.changed, "map_version": event.map_version}
    return Step(id=event.command_id, kinds=("change_vendor_map",), status="done", at=at, result=result)


def _by_state(cause: UUID, event: Message, at: datetime) -> Step | None:
    if isinstance(event, InvoiceState):
        result = {"invoice_id": str(event.invoice.id), "invoice_status": event.invoice.status}
        if event.invoice.removed is not None:
            result["removed"] = event.invoice.removed.how
        return _of_row(cause, event.row, result, at)
    if isinstance(event, ProcoreInvoiceState):
        return _of_row(cause, event.row, {}, at)
    if isinstance(event, ProjectState):
        return _of_project(cause, event, at)
    if isinstance(event, AllocationState):
        result = {"allocation_id": str(event.id), "write_state": event.write_back.state}
        return Step(id=cause, kinds=PAYMENT_KINDS, status="done", at=at, result=result)
    if isinstance(event, RunState) and event.status != "running":
        run: dict[str, Any] = {"run_id": str(event.id), "counts": event.counts}
        return _closed(cause, ("run_job",), event.problem, event.status == "failed", at, run)
    return None


def _of_row(cause: UUID, row: ProcoreInvoice | None, result: dict[str, Any], at: datetime) -> Step:
    failed = row is not None and row.import_state == "error"
    if row is not None:
        result = {**result, "requisition_id": row.requisition_id, "import_state": row.import_state}
        if row.queue_document is not None:
            result["queue_document_id"] = str(row.queue_document.id)
    return _closed(cause, INVOICE_KINDS, row.problem if row and failed else None, failed, at, result)


def _of_project(cause: UUID, event: ProjectState, at: datetime) -> Step:
    if event.waiting is not None:
        reason = Problem(code=event.waiting.reason, message="Waiting for Procore.")
        return Step(
            id=cause,
            kinds=("sync_project",),
            status="waiting",
            at=at,
            waiting_until=event.waiting.until,
            waiting_reason=reason,
        )
    result = {"project_id": event.project_id, "as_of": event.as_of and event.as_of.isoformat()}
    return _closed(cause, ("sync_project",), event.problem, event.problem is not None, at, result)


def _closed(  # one call for each member of the outcome reads best
    cause: UUID,
    kinds: tuple[OperationKind, ...],
    problem: Problem | None,
    failed: bool,  # noqa: FBT001  # positional like its neighbours
    at: datetime,
    result: dict[str, Any],
) -> Step:
    status: Literal["failed", "done"] = "failed" if failed else "done"
    return Step(id=cause, kinds=kinds, status=status, at=at, problem=problem, result=result)
