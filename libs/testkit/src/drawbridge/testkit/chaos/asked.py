"""The workload's own memory of what it asked for; the checker compares the system with it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from drawbridge.messaging.outside import OutsideMessage


@dataclass(frozen=True)
class Subject:
    """A Procore invoice of a vault."""

    vault: str
    project_id: int
    requisition_id: int


@dataclass(frozen=True)
class Published:
    """A good message that the broker confirmed."""

    message: OutsideMessage
    subject: Subject


@dataclass
class Asked:
    """Only what was accepted stands here: confirmed by the broker, or answered with an operation."""

    published: dict[str, Published] = field(default_factory=dict)
    """Good messages by id."""
    poison: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Bad messages by (id, code under which they must be parked)."""
    operations: dict[str, str] = field(default_factory=dict)
    """What each accepted operation was about, by id."""
    unanswered: int = 0
    """Clicks that nobody answered; nobody promised anything about them."""
    unconfirmed: int = 0
    """Messages that the broker did not confirm in all the time."""
    duplicates: int = 0
    """Messages that were published once more under their id."""

    def accept(self, operation_id: str, what: str) -> None:
        """Remember an accepted operation."""
        self.operations[operation_id] = what

    def publish(self, message: OutsideMessage, subject: Subject) -> None:
        """Remember a confirmed message."""
        if message.id is None:
            raise ValueError("A message without an id cannot be followed.")
        self.published[message.id] = Published(message, subject)


def request_for(subject: Subject, message_id: UUID) -> OutsideMessage:
    """A good request, as bare JSON."""
    members = {
        "vault_id": subject.vault,
        "project_id": subject.project_id,
        "requisition_id": subject.requisition_id,
        "requested_by": "chaos",
    }
    return OutsideMessage(str(message_id), None, json.dumps(members).encode())
