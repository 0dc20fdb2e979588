"""What import-service's answer to our command means for the request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from drawbridge.cloud_service.domain.request import Request
from drawbridge.contracts.envelope import Envelope
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState
from drawbridge.contracts.requests import Attempt

_UNEXPLAINED = Problem(code="failed", message="The import ended in an error without a reason.")


@dataclass(frozen=True, slots=True)
class Tried:
    """The command was tried, or waits, and goes on later."""

    command_id: UUID
    at: datetime
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Ended:
    """The command is answered."""

    command_id: UUID
    at: datetime
    status: Literal["done", "refused", "failed"]
    problem: Problem | None = None


type Outcome = Tried | Ended

type ImportEvent = ProcoreInvoiceState | InvoiceState | CommandPostponed | CommandRefused
"""What import-service tells us."""


def outcome_of(message: ImportEvent, envelope: Envelope) -> Outcome | None:
    """The outcome that an event tells of the command that caused it, if it tells one."""
    at = envelope.time
    match message:
        case CommandPostponed():
            attempt = Attempt(number=message.attempt, at=at, problem=message.problem, next_at=message.next_at)
            return Tried(message.command_id, at, attempt)
        case CommandRefused():
            return Ended(message.command_id, at, "refused", message.problem)
        case ProcoreInvoiceState() | InvoiceState():
            row = row_of(message)
            return _of_row(row, envelope.causation_id, at) if row and envelope.causation_id else None


def row_of(message: ImportEvent) -> ProcoreInvoice | None:
    """The row that an event carries, if it carries one."""
    return message.row if isinstance(message, ProcoreInvoiceState | InvoiceState) else None


def applied(request: Request, outcome: Outcome) -> Request:
    """The request after the outcome."""
    match outcome:
        case Tried():
            return request.tried(outcome.attempt)
        case Ended():
            return request.ended(outcome.status, outcome.problem, outcome.at)


def _of_row(row: ProcoreInvoice, command_id: UUID, at: datetime) -> Ended | None:
    """A row that is neither done nor in error nor held says nothing final yet."""
    match row.import_state:
        case "imported" | "in_queue":
            return Ended(command_id, at, "done")
        case "error":
            return Ended(command_id, at, "failed", row.problem or _UNEXPLAINED)
        case "held":
            words = row.held_reason or "The invoice is held."
            return Ended(command_id, at, "refused", Problem(code="held", message=words))
    return None
