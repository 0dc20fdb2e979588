"""Between AMQP's messages and ours: nothing else here knows their types."""

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from aio_pika import DeliveryMode, Message
from aiormq import spec
from aiormq.abc import DeliveredMessage

from drawbridge.messaging.envelope_codec import headers_of, properties_of
from drawbridge.messaging.odd_properties import UNREADABLE
from drawbridge.persistence import JSON, Properties, RawMessage, Unsent

_NOT_THE_SENDERS = (
    UNREADABLE,
    "x-death",
    "x-first-death-",
    "x-last-death-",
    "x-delivery-count",
    "x-acquired-count",
    "x-opt-",
)


def read_delivery(message: DeliveredMessage, queue: str) -> RawMessage:
    """A delivery as plain data that a database can hold.

    The broker's own counters are left out, ``x-death`` too: see `died_in`.
    """
    given = message.header.properties
    all_headers = given.headers or {}
    unreadable = all_headers.get(UNREADABLE)
    return RawMessage(
        body=message.body,
        headers=_senders_headers(all_headers) | died_in(all_headers) if all_headers else {},
        properties=Properties(
            message_id=_text(given.message_id),
            type=_text(given.message_type),
            app_id=_text(given.app_id),
            correlation_id=_text(given.correlation_id),
            content_type=_text(given.content_type),
            content_encoding=_text(given.content_encoding),
            timestamp=given.timestamp,
            reply_to=_text(given.reply_to),
        ),
        exchange=message.exchange or "",
        routing_key=message.routing_key or "",
        queue=queue,
        redelivered=bool(message.redelivered),
        unreadable=None if unreadable is None else _clean(str(unreadable)),
    )


def _senders_headers(headers: Mapping[str, Any]) -> dict[str, JSON]:
    return {
        _clean(name): _json(value) for name, value in headers.items() if not name.startswith(_NOT_THE_SENDERS)
    }


def died_in(headers: Mapping[str, Any]) -> dict[str, JSON]:
    """Where, why and when the broker itself parked a message, as plain headers; empty when it did not."""
    queue, reason = headers.get("x-first-death-queue"), headers.get("x-first-death-reason")
    if not queue:
        return {}
    deaths = headers.get("x-death")
    newest = deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], Mapping) else {}
    return {
        "drawbridge-died-in": _json(queue),
        "drawbridge-died-of": _json(reason),
        "drawbridge-died-at": _json(newest.get("time")),
    }


def write_properties(row: Unsent) -> spec.Basic.Properties:
    """The properties and headers under which an outbox row travels: persistent, ``user_id`` never set."""
    if row.envelope is not None:
        known, own = properties_of(row.envelope), headers_of(row.envelope)
    else:
        known, own = row.properties or Properties(), {}
    headers: dict[str, Any] = {**row.headers, **own}
    return spec.Basic.Properties(
        headers=headers,
        delivery_mode=DeliveryMode.PERSISTENT.value,
        message_id=row.message_id,
        message_type=known.type,
        app_id=known.app_id,
        correlation_id=known.correlation_id,
        content_type=known.content_type,
        content_encoding=known.content_encoding,
        timestamp=known.timestamp,
        reply_to=known.reply_to,
    )


def message_of(body: bytes, headers: Mapping[str, Any], properties: Properties) -> Message:
    """A persistent message; ``user_id`` is never set."""
    return Message(
        body,
        headers=dict(headers),
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=properties.message_id,
        type=properties.type,
        app_id=properties.app_id,
        correlation_id=properties.correlation_id,
        content_type=properties.content_type,
        content_encoding=properties.content_encoding,
        timestamp=properties.timestamp,
        reply_to=properties.reply_to,
    )


def _json(value: Any) -> JSON:  # noqa: ANN401  # an AMQP field value is of many types
    """A header's value as JSON: bytes as text, instants as ISO 8601, everything unknown as text."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, bytes | bytearray):
        return _clean(bytes(value).decode(errors="replace"))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_clean(str(name)): _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return _clean(str(value))


def _text(value: str | None) -> str | None:
    return None if value is None else _clean(value)


def _clean(text: str) -> str:
    """Text without NUL, which PostgreSQL refuses."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
