"""What travels around a message's data: CloudEvents 1.0 attributes, and why the message was sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID, uuid4


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one message. ``id`` is one for life: a re-send and a replay keep it.

    ``time`` is when the sender committed it (UTC); ``subject`` is what the message is about,
    such as ``requisition/main/598134325841112``.
    """

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    correlation_id: str
    causation_id: UUID | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is done: kept with work items and passed on to every message they send.

    ``correlation_id`` is one for a whole story (a click, a publish, a scheduled run);
    ``causation_id`` is the message that led to this step. An event whose ``causation_id`` is a
    command's id closes that command's operation.
    """

    correlation_id: str
    causation_id: UUID | None = None
    traceparent: str | None = None

    @classmethod
    def new(cls) -> Self:
        """Start a new story, for work that nothing outside asked for (a schedule)."""
        return cls(correlation_id=str(uuid4()))

    @classmethod
    def of(cls, envelope: Envelope) -> Self:
        """Continue the story of a received message."""
        return cls(envelope.correlation_id, envelope.id, envelope.traceparent)
