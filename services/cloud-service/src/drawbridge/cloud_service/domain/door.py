"""The public door: what any publisher may send to ``drawbridge.reprocess``, read without trusting it.

Accepted are bare JSON (AMQP properties may be absent altogether), CloudEvents 1.0 in binary mode
(attributes in headers ``ce-*``, ``cloudEvents:*`` or ``cloudEvents_*``, else in AMQP properties) and in
structured mode (``application/cloudevents+json``). Everything else is `Unprocessable`, each with its code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from drawbridge.cloud_service.domain.attributes import Attributes, binary_attributes
from drawbridge.cloud_service.domain.body import data_of, read_object, request_of
from drawbridge.contracts.errors import Unprocessable
from drawbridge.contracts.requests import ReprocessRequested

MAX_TEXT = 255
"""Characters of an id or a source, as in AMQP."""

MESSAGE_IDS = UUID("6f0c1f6c-52a5-5bd0-9d6e-3b1f3ce0a5b7")
"""Namespace of the ids that we derive where a publisher's id is not a UUID."""


_REPLACED = "\N{REPLACEMENT CHARACTER}"
"""Stands where a property held what no text may hold."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the broker handed over, freed from the AMQP library."""

    body: bytes
    headers: Mapping[str, object]
    message_id: str | None = None
    type: str | None = None
    app_id: str | None = None
    correlation_id: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """A request as read. ``key`` is the same for repeats; ``id`` the message's id for life.

    ``key`` and ``id`` are None where the publisher gave no id: then every delivery is a request of its own.
    """

    message: ReprocessRequested
    key: str | None
    id: UUID | None
    received_from: str
    correlation_id: str | None
    traceparent: str | None

    @property
    def fingerprint(self) -> str:
        """What the request is about, to tell a repeat from another request under the same id."""
        return self.message.subject()


def read_knock(delivery: Delivery) -> Knock:
    """Read a delivery.

    Raises:
        Unprocessable: ``too_large``, ``not_json``, ``too_deep``, ``not_an_object``, ``wrong_members``,
            ``bad_id``, ``unknown_type``, ``spec_version``, ``batch`` or ``bad_data``.
    """
    content_type = (delivery.content_type or "").partition(";")[0].strip().lower()
    if content_type == "application/cloudevents-batch+json":
        raise Unprocessable(
            "batch", "Batches of CloudEvents are not accepted.", "Send one message for each request."
        )
    document = read_object(delivery.body)
    if content_type == "application/cloudevents+json":
        attributes, document = Attributes.of_document(document), data_of(document)
    else:
        attributes = binary_attributes(delivery.headers)
    return _knock(delivery, _checked(attributes, delivery), request_of(document))


def _knock(delivery: Delivery, attributes: Attributes, message: ReprocessRequested) -> Knock:
    given = message.request_id or attributes.id or delivery.message_id or None
    _check_text("request_id", message.request_id)
    _check_text("requested_by", message.requested_by)
    source = attributes.source
    scope = f"source/{_part(source)}" if source else f"vault/{message.vault_id}"
    key = f"{scope}/{_part(given)}" if given else None
    return Knock(
        message=message,
        key=key,
        id=_message_id(key, given),
        received_from=source or delivery.app_id or "outside",
        correlation_id=delivery.correlation_id or attributes.correlation_id or given,
        traceparent=attributes.traceparent,
    )


def _message_id(key: str | None, given: str | None) -> UUID | None:
    """The publisher's own id where it is a UUID, else one that the same key always leads to."""
    if key is None or given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        return uuid5(MESSAGE_IDS, key)


def _checked(attributes: Attributes, delivery: Delivery) -> Attributes:
    """Take what a CloudEvent leaves to the AMQP properties from there, and check what is fixed."""
    if attributes.present:
        attributes = attributes.filled(source=delivery.app_id, type_=delivery.type)
        if attributes.spec_version != "1.0":
            raise Unprocessable(
                "spec_version",
                f"CloudEvents version {attributes.spec_version!r} is unknown here.",
                "Send specversion 1.0.",
            )
        if attributes.type != ReprocessRequested.TYPE:
            raise _unknown_type(attributes.type)
    elif (delivery.type or "").startswith("drawbridge.") and delivery.type != ReprocessRequested.TYPE:
        raise _unknown_type(delivery.type)
    for name, value in (
        ("message_id", delivery.message_id),
        ("id", attributes.id),
        ("source", attributes.source),
        ("app_id", delivery.app_id),
        ("correlation_id", delivery.correlation_id or attributes.correlation_id),
    ):
        _check_text(name, value)
    return attributes


def _unknown_type(type_: str | None) -> Unprocessable:
    return Unprocessable(
        "unknown_type",
        f"Messages of the type {type_!r} are not for this queue.",
        f"Send the type {ReprocessRequested.TYPE}, or bare JSON without a type.",
    )


def _check_text(name: str, value: str | None) -> None:
    """Refuse what no key, row or log line should hold: a line break, a NUL or its mark, a page of text."""
    if value is not None and (len(value) > MAX_TEXT or not value.isprintable() or _REPLACED in value):
        raise Unprocessable(
            "bad_id",
            f"{name} is longer than {MAX_TEXT} characters or holds some that cannot be printed.",
            "Use letters, digits and marks.",
        )


def _part(text: str) -> str:
    """A text as one part of a key: without the separator."""
    return text.replace("%", "%25").replace("/", "%2F")
