"""What a message in the parked queue says about itself, whoever parked it: a service or the broker."""

from collections.abc import Mapping
from dataclasses import dataclass

from drawbridge.contracts.errors import Problem
from drawbridge.persistence import JSON, RawMessage

DIED_IN, DIED_OF, DIED_AT = "drawbridge-died-in", "drawbridge-died-of", "drawbridge-died-at"
"""Headers by which the intake says where, why and when the broker dead-lettered a message."""

BROKER_REASONS = {
    "delivery_limit": "No handler could finish this message within the broker's delivery limit.",
    "rejected": "A handler rejected this message.",
    "expired": "This message waited longer than its queue allows.",
    "maxlen": "The queue was full.",
}


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """Where it came from and why it is here."""

    queue: str
    problem: Problem


def read_parked(raw: RawMessage) -> ParkedMessage:
    """Read our own headers, else the broker's; never fails, whatever the headers hold."""
    queue = _text(raw.headers.get("drawbridge-queue"))
    if queue:
        problem = Problem(
            code=_text(raw.headers.get("drawbridge-code")) or "unprocessable",
            message=_text(raw.headers.get("drawbridge-reason")) or "The service gave no reason.",
            advice=_text(raw.headers.get("drawbridge-advice")),
        )
        return ParkedMessage(queue, problem)
    return _by_broker(raw.headers)


def _by_broker(headers: Mapping[str, JSON]) -> ParkedMessage:
    """The broker dead-letters without a reason in words; the intake names queue and cause in headers."""
    reason = _text(headers.get(DIED_OF))
    message = BROKER_REASONS.get(reason, "Nobody said why this message was parked.")
    advice = "Look into the log of the service that reads the queue; replay it once the cause is gone."
    problem = Problem(code=reason or "unknown", message=message, advice=advice)
    return ParkedMessage(_text(headers.get(DIED_IN)), problem)


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
