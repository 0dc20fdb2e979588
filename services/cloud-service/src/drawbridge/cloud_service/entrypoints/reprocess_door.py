"""The decoder of the public queue ``drawbridge.reprocess``."""

from uuid import uuid4

from drawbridge.cloud_service.domain.door import Delivery, read_knock
from drawbridge.contracts.envelope import Envelope
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.messaging import Received, check_readable
from drawbridge.persistence import RawMessage
from drawbridge.runtime import utc_now


def decode_request(raw: RawMessage) -> Received:
    """Read what a publisher sent, and give it an id where it has none.

    Raises:
        Unprocessable: with the reason why it is parked.
    """
    check_readable(raw)
    knock = read_knock(
        Delivery(
            body=raw.body,
            headers=raw.headers,
            message_id=raw.properties.message_id,
            type=raw.properties.type,
            app_id=raw.properties.app_id,
            correlation_id=raw.properties.correlation_id,
            content_type=raw.properties.content_type,
        )
    )
    message_id = knock.id or uuid4()
    envelope = Envelope(
        id=message_id,
        type=ReprocessRequested.TYPE,
        source=knock.received_from,
        subject=knock.message.subject(),
        time=raw.properties.timestamp or utc_now(),
        correlation_id=knock.correlation_id or str(message_id),
        traceparent=knock.traceparent,
    )
    key = f"{raw.queue}/{knock.key or message_id}"
    return Received(key=key, envelope=envelope, message=knock.message, raw=raw, fingerprint=knock.fingerprint)
