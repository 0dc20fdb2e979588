"""A delivery after it was read, before it is handled."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.errors import Unprocessable
from drawbridge.contracts.message import Message, message_class
from drawbridge.messaging.envelope_codec import read_envelope
from drawbridge.persistence import Origin, RawMessage, Transaction

__all__ = ["Decode", "IntakeHandler", "Received", "check_readable", "decode_envelope", "read_envelope"]


@dataclass(frozen=True, slots=True)
class Received:
    """One message. ``key`` is its place in the inbox: a second delivery under it has no effect.

    With a ``fingerprint``, the same key with another fingerprint is parked as ``id_reused``.
    """

    key: str
    envelope: Envelope
    message: Message
    raw: RawMessage
    fingerprint: str | None = None

    @property
    def cause(self) -> Cause:
        """This message as the cause of what follows."""
        return Cause.of(self.envelope)

    @property
    def origin(self) -> Origin:
        """What a work item keeps of it, so that the item can be parked."""
        return Origin(self.key, self.raw)


type Decode = Callable[[RawMessage], Received]
"""Reads a delivery; raises `Unprocessable` for what must be parked."""

type IntakeHandler = Callable[[Transaction, Sequence[Received]], Awaitable[None]]
"""Writes what new messages ask for into the open transaction; never calls anything outside."""


def decode_envelope(raw: RawMessage) -> Received:
    """Read a message of our own services.

    Raises:
        Unprocessable: ``unreadable_properties``, ``no_envelope``, ``unknown_type`` or ``invalid_message``.
    """
    check_readable(raw)
    envelope = read_envelope(raw)
    try:
        message = message_class(envelope.type).decode(raw.body)
    except ValidationError as error:
        raise invalid_message(error) from None
    return Received(f"{raw.queue}/{envelope.id}", envelope, message, raw)


def check_readable(raw: RawMessage) -> None:
    """Refuse a message some of whose AMQP properties could not be read: what it says may be in those.

    Raises:
        Unprocessable: ``unreadable_properties``.
    """
    if raw.unreadable is not None:
        raise Unprocessable(
            "unreadable_properties",
            f"The message's AMQP properties cannot be read ({raw.unreadable}).",
            "Correct the sender: text in UTF-8, a timestamp in whole seconds, few nested tables.",
        )


def invalid_message(error: ValidationError) -> Unprocessable:
    """Say which members are wrong, without their values."""
    places = [
        f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""  # noqa: PLR2004  # three are readable
    return Unprocessable(
        "invalid_message",
        f"The message does not have the shape of its type ({'; '.join(places[:3])}{more}).",
        "Correct the sender; then discard this message or replay it once the service can read it.",
    )
