"""What travels beside the data: headers of every message, and of a parked one."""

from typing import Any

type Json = dict[str, Any]

AMQP_BINDING = "0.3.0"

ENVELOPE: Json = {
    "headers": {
        "type": "object",
        "required": ["ce-specversion", "ce-subject", "ce-time"],
        "properties": {
            "ce-specversion": {"type": "string", "const": "1.0"},
            "ce-subject": {
                "type": "string",
                "description": "What the message is about: kind/vault/id.",
                "examples": ["requisition/main/598134325841112"],
            },
            "ce-time": {
                "type": "string",
                "format": "date-time",
                "description": "When the sender committed it, in UTC.",
            },
            "causation-id": {
                "type": "string",
                "format": "uuid",
                "description": "The message that led to this one; an event with a command's id closes it.",
            },
            "traceparent": {"type": "string", "description": "W3C trace context."},
        },
    },
    "correlationId": {
        "description": "One id for a whole story, in the AMQP property correlation_id.",
        "location": "$message.header#/correlation_id",
    },
    "x-amqp-properties": {
        "message_id": "CloudEvents id, a UUID. One for life: a re-send and a replay keep it.",
        "type": "CloudEvents type, with its version.",
        "app_id": "CloudEvents source: the sending service.",
        "correlation_id": "One id for a whole story.",
        "timestamp": "CloudEvents time in whole seconds.",
        "content_type": "application/json",
        "delivery_mode": "2, persistent",
    },
}
"""CloudEvents 1.0 in binary mode on AMQP 0-9-1: properties and headers, the body is the data alone."""

PARKED_HEADERS: Json = {
    "type": "object",
    "properties": {
        "drawbridge-code": {"type": "string", "description": "Why it is parked, for programs."},
        "drawbridge-reason": {"type": "string", "description": "Why it is parked, in a sentence."},
        "drawbridge-advice": {"type": "string", "description": "What a person can do."},
        "drawbridge-queue": {"type": "string", "description": "The queue that it was read from."},
        "drawbridge-exchange": {"type": "string", "description": "The exchange that it was sent to."},
        "drawbridge-routing-key": {"type": "string", "description": "The routing key that it was sent with."},
        "drawbridge-parked-at": {"type": "string", "format": "date-time"},
    },
}
"""Absent where the broker itself parked the message after too many deliveries."""
