"""A request to import one Procore invoice: its state, and how it changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.requests import Attempt, RequestState, RequestStatus
from drawbridge.contracts.values import Change

ATTEMPTS_KEPT = 50
"""Attempts and waits kept with a request, the latest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    ``cause`` is the message that began it: every state that we send names it as cause, so that the
    operation of that message follows the request to its end.
    """

    id: UUID
    message_id: UUID | None
    vault_id: str
    project_id: int
    requisition_id: int
    how: Literal["automated", "reprocess"]
    received_from: str
    requested_by: str
    received_at: datetime
    cause: Cause
    status: RequestStatus = "waiting"
    command_id: UUID | None = None
    attempts: tuple[Attempt, ...] = ()
    problem: Problem | None = None
    finished_at: datetime | None = None
    version: int = 0

    @property
    def subject(self) -> tuple[str, int]:
        """What is unique among unfinished requests: (vault, requisition)."""
        return self.vault_id, self.requisition_id

    @property
    def finished(self) -> bool:
        """Whether its result is final."""
        return self.finished_at is not None

    def sent(self, command_id: UUID) -> Self:
        """The command went out."""
        return replace(self, status="sent", command_id=command_id)

    def ended(
        self, status: Literal["done", "refused", "failed"], problem: Problem | None, at: datetime
    ) -> Self:
        """The first end counts; a later one changes nothing."""
        if self.finished:
            return self
        return replace(self, status=status, problem=problem, finished_at=at)

    def tried(self, attempt: Attempt) -> Self:
        """Add an attempt or a wait; the last of those with one number stays."""
        by_number = {
            each.number: each for each in sorted((*self.attempts, attempt), key=lambda each: each.at)
        }
        kept = sorted(by_number.values(), key=lambda each: each.number)
        return replace(self, attempts=tuple(kept[-ATTEMPTS_KEPT:]))

    def state(self, change: Change) -> RequestState:
        """The event that tells this state."""
        return RequestState(
            version=self.version,
            change=change,
            id=self.id,
            message_id=self.message_id,
            vault_id=self.vault_id,
            project_id=self.project_id,
            requisition_id=self.requisition_id,
            how=self.how,
            received_from=self.received_from,
            requested_by=self.requested_by,
            status=self.status,
            received_at=self.received_at,
            finished_at=self.finished_at,
            attempts=self.attempts,
            problem=self.problem,
        )
