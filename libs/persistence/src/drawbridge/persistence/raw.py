"""Messages as they came off the wire, and as they go back on it: for parking and replay."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid4

type JSON = bool | int | float | str | list[JSON] | dict[str, JSON] | None
"""A JSON value as Python holds it."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The AMQP properties that we keep. ``user_id`` is left out: the broker checks it against the sender."""

    message_id: str | None = None
    type: str | None = None
    app_id: str | None = None
    correlation_id: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    timestamp: datetime | None = None
    reply_to: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Only what is set; the timestamp as ISO 8601."""
        members = {name: value for name, value in asdict(self).items() if value is not None}
        if self.timestamp is not None:
            members["timestamp"] = self.timestamp.isoformat()
        return members

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        stamp = members.get("timestamp")
        known = dict(members) | {"timestamp": datetime.fromisoformat(stamp) if stamp else None}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One delivery: the body's bytes, headers and properties, and where it came from.

    ``unreadable`` says why some properties are missing; it is not kept.
    """

    body: bytes
    headers: Mapping[str, JSON]
    properties: Properties
    exchange: str
    routing_key: str
    queue: str
    redelivered: bool = False
    unreadable: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """As a JSON object, the body in base64."""
        return {
            "body": b64encode(self.body).decode(),
            "headers": dict(self.headers),
            "properties": self.properties.to_json(),
            "exchange": self.exchange,
            "routing_key": self.routing_key,
            "queue": self.queue,
        }

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            body=b64decode(members["body"]),
            headers=members["headers"],
            properties=Properties.from_json(members["properties"]),
            exchange=members["exchange"],
            routing_key=members["routing_key"],
            queue=members["queue"],
        )


@dataclass(frozen=True, slots=True)
class RawOutgoing:
    """A message to send as it is. To put it straight into a queue, use exchange ``""`` and the queue's name.

    ``row_id`` is the outbox row's own id: the message's id stays whatever ``properties`` say, so that one
    message can pass the outbox more than once (parked, replayed, parked again).
    """

    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, JSON] = field(default_factory=dict)
    properties: Properties = field(default_factory=Properties)
    row_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Origin:
    """The message that a work item came from, kept so that the item can be parked like a message."""

    inbox_key: str
    raw: RawMessage

    def to_json(self) -> dict[str, JSON]:
        """As a JSON object."""
        return {"inbox_key": self.inbox_key, "raw": self.raw.to_json()}

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(members["inbox_key"], RawMessage.from_json(members["raw"]))
