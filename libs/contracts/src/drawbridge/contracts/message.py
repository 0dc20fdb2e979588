"""The base of all messages, and the registry that finds a model by its type."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.errors import Unprocessable
from drawbridge.contracts.values import Change, SubjectVersion

COMMANDS = "drawbridge.commands"
EVENTS = "drawbridge.events"
PUBLIC = "drawbridge.public"
DEAD = "drawbridge.dead"

_REGISTRY: dict[str, type["Message"]] = {}


class Message(BaseModel):
    """Data of one message. Extra members are forbidden when sending and ignored when reading.

    A subclass that names its ``TYPE`` is registered under it; a type carries its version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str] = ""
    EXCHANGE: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401  # pydantic's own signature
        """Register a concrete message under its type."""
        super().__pydantic_init_subclass__(**kwargs)
        if "TYPE" in cls.__dict__:
            if cls.TYPE in _REGISTRY:
                raise TypeError(f"Two messages are of the type {cls.TYPE}.")
            _REGISTRY[cls.TYPE] = cls

    def routing_key(self) -> str:
        """The AMQP routing key; events are routed by their type."""
        return self.TYPE

    def subject(self) -> str:
        """What this message is about: ``kind/vault/id``."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """The JSON body; money and other decimals are strings."""
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, body: bytes) -> "Message":
        """Read a body, ignoring members that a later sender added.

        Raises:
            pydantic.ValidationError: when a known member is missing or of the wrong shape.
        """
        return cls.model_validate_json(body, extra="ignore")


class Command(Message):
    """Asks one service to do something. Exactly one event with its id as cause closes it."""

    EXCHANGE: ClassVar[str] = COMMANDS
    TO: ClassVar[str] = ""

    def routing_key(self) -> str:
        """Commands are routed by the service that they ask."""
        return self.TO


class Event(Message):
    """Says what happened."""

    EXCHANGE: ClassVar[str] = EVENTS


class StateEvent(Event):
    """The full state of its subject after a change; the highest version wins.

    ``change`` is the history entry of this version; ``snapshot_id`` is set when an owner re-emits its
    state unchanged.
    """

    version: SubjectVersion
    change: Change
    snapshot_id: str | None = Field(default=None)

    def history(self) -> list[tuple[str, int, Change]]:
        """The lines that this event adds to the history: (subject, version, change)."""
        return [(self.subject(), self.version, self.change)]


def message_class(message_type: str) -> type[Message]:
    """Find the model of a message type.

    Raises:
        Unprocessable: ``unknown_type``, when no service here knows the type.
    """
    try:
        return _REGISTRY[message_type]
    except KeyError:
        raise Unprocessable(
            "unknown_type",
            f"Nobody here knows messages of the type {message_type!r}.",
            "Check the sender's version; replay the message once this service knows the type.",
        ) from None


def all_messages() -> dict[str, type[Message]]:
    """All registered messages by type (import `drawbridge.contracts` first)."""
    return dict(sorted(_REGISTRY.items()))
