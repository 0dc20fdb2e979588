"""Reprocess requests: the public door, and every request's visible history."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import PUBLIC, Event, Message, StateEvent
from drawbridge.contracts.values import ProcoreId, Timestamp, Value, VaultId

RequestStatus = Literal["waiting", "sent", "done", "refused", "failed"]
"""``waiting``: for its vault; ``sent``: import-service works on it; the others are final."""


class ReprocessRequested(Message):
    """Public: please import this Procore invoice by the vault's automated import behavior.

    Anyone may publish it to the queue ``drawbridge.reprocess``, as bare JSON or as a CloudEvent. The id of
    a request is ``request_id``, else the AMQP ``message_id``, else one made at intake.
    """

    TYPE: ClassVar[str] = "drawbridge.reprocess.requested.v1"
    EXCHANGE: ClassVar[str] = PUBLIC

    vault_id: VaultId
    project_id: ProcoreId
    requisition_id: ProcoreId
    request_id: str | None = Field(default=None, max_length=200)
    requested_by: str | None = Field(default=None, max_length=200)

    def routing_key(self) -> str:
        """The public door has one key."""
        return "reprocess"

    def subject(self) -> str:
        """``requisition/<vault>/<requisition>``."""
        return f"requisition/{self.vault_id}/{self.requisition_id}"


class Attempt(Value):
    """One try of a request, or a wait; ``next_at`` is when it goes on, if it does."""

    number: int
    at: Timestamp
    problem: Problem | None = None
    next_at: Timestamp | None = None


class RequestState(StateEvent):
    """A request to import one Procore invoice, from a person, a publisher or the vault's automation.

    ``id`` is cloud-service's own; ``message_id`` is the id of the message that began it, which is the id
    of the gateway's operation if the gateway sent it.
    """

    TYPE: ClassVar[str] = "drawbridge.request.state.v1"

    id: UUID
    message_id: UUID | None
    vault_id: VaultId
    project_id: ProcoreId
    requisition_id: ProcoreId
    how: Literal["automated", "reprocess"]
    received_from: str
    requested_by: str
    status: RequestStatus
    received_at: Timestamp
    finished_at: Timestamp | None = None
    attempts: tuple[Attempt, ...] = ()
    problem: Problem | None = None

    def subject(self) -> str:
        """``request/<vault>/<request>``."""
        return f"request/{self.vault_id}/{self.id}"


class RequestJoined(Event):
    """A repeat met an unfinished request for the same invoice; its operation follows that request."""

    TYPE: ClassVar[str] = "drawbridge.request.joined.v1"

    vault_id: VaultId
    requisition_id: ProcoreId
    message_id: UUID
    request_id: UUID

    def subject(self) -> str:
        """``request/<vault>/<request>``."""
        return f"request/{self.vault_id}/{self.request_id}"
