"""The envelope on AMQP: CloudEvents 1.0 attributes as properties and headers, the body is the data alone.

``message_id`` = id, ``type``, ``app_id`` = source, ``timestamp``, ``correlation_id``; headers
``ce-specversion``, ``ce-subject``, ``ce-time`` (the property has whole seconds only), ``causation-id``,
``traceparent``.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from drawbridge.contracts.envelope import Envelope
from drawbridge.contracts.errors import Unprocessable
from drawbridge.persistence import JSON, Properties, RawMessage
from drawbridge.runtime import utc_now

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


def properties_of(envelope: Envelope) -> Properties:
    """The envelope's part in the AMQP properties."""
    return Properties(
        message_id=str(envelope.id),
        type=envelope.type,
        app_id=envelope.source,
        correlation_id=envelope.correlation_id,
        content_type=CONTENT_TYPE,
        timestamp=envelope.time,
    )


def headers_of(envelope: Envelope) -> dict[str, JSON]:
    """The envelope's part in the AMQP headers."""
    headers: dict[str, JSON] = {
        "ce-specversion": SPEC_VERSION,
        "ce-subject": envelope.subject,
        "ce-time": envelope.time.isoformat(),
    }
    if envelope.causation_id is not None:
        headers["causation-id"] = str(envelope.causation_id)
    if envelope.traceparent is not None:
        headers["traceparent"] = envelope.traceparent
    return headers


def read_envelope(raw: RawMessage) -> Envelope:
    """Read the envelope of a message that one of our services sent.

    Raises:
        Unprocessable: ``no_envelope``, when id or type is missing or the id is no UUID.
    """
    properties, headers = raw.properties, raw.headers
    message_id = _uuid(properties.message_id)
    if message_id is None or not properties.type:
        raise Unprocessable(
            "no_envelope",
            "The message has no usable message_id and type.",
            "Send message_id (a UUID) and type as AMQP properties.",
        )
    return Envelope(
        id=message_id,
        type=properties.type,
        source=properties.app_id or "unknown",
        subject=_text(headers, "ce-subject") or "",
        time=_instant(_text(headers, "ce-time")) or properties.timestamp or utc_now(),
        correlation_id=properties.correlation_id or str(message_id),
        causation_id=_uuid(_text(headers, "causation-id")),
        traceparent=_text(headers, "traceparent"),
    )


def _text(headers: Mapping[str, JSON], name: str) -> str | None:
    value = headers.get(name)
    return value if isinstance(value, str) and value else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else None
