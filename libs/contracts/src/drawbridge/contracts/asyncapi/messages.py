"""The messages of the document: one for each type, and the other forms that the public door takes."""

import inspect
from typing import Any

from drawbridge.contracts.asyncapi.envelope import AMQP_BINDING, PARKED_HEADERS
from drawbridge.contracts.asyncapi.routing import Model
from drawbridge.contracts.asyncapi.schemas import reference
from drawbridge.contracts.message import Command, StateEvent
from drawbridge.contracts.parties import PUBLIC_MESSAGES
from drawbridge.contracts.requests import ReprocessRequested

type Json = dict[str, Any]

PUBLIC_TAG = {"name": "public", "description": "Others may rely on it."}
BARE = "reprocess.bare-json"
STRUCTURED = "reprocess.cloudevent"
PARKED = "parked"
DOOR_FORMS = (ReprocessRequested.TYPE, BARE, STRUCTURED)
"""All that may be sent to the public door; the first is a CloudEvent in binary mode."""

_REQUEST: Json = {
    "vault_id": "main",
    "project_id": 598134325599990,
    "requisition_id": 598134325841112,
    "requested_by": "erp-bot",
}
_DOOR_HEADERS: Json = {
    "type": "object",
    "required": ["ce-specversion"],
    "properties": {
        "ce-specversion": {"type": "string", "const": "1.0"},
        "ce-id": {"type": "string", "description": "Else the AMQP property message_id is the id."},
        "ce-source": {"type": "string", "description": "Else the AMQP property app_id is the source."},
        "ce-type": {"type": "string", "description": "Else the AMQP property type is the type."},
        "traceparent": {"type": "string", "description": "W3C trace context."},
    },
}


def messages(models: list[Model]) -> Json:
    """All messages by name, which is their type where they have one."""
    typed = {model.TYPE: _message(model) for model in models}
    return typed | {BARE: _bare(), STRUCTURED: _structured(), PARKED: _parked()}


def structured_schema() -> Json:
    """A CloudEvent in structured mode, with a reprocess request as its data."""
    return {
        "title": "ReprocessCloudEvent",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 255},
            "source": {"type": "string", "minLength": 1, "maxLength": 255},
            "type": {"type": "string", "const": ReprocessRequested.TYPE},
            "data": reference(ReprocessRequested),
        },
    }


def _message(model: Model) -> Json:
    summary, _, more = inspect.cleandoc(model.__doc__ or "").partition("\n")
    message: Json = {
        "name": model.TYPE,
        "title": model.__name__,
        "summary": summary,
        **({"description": more.strip()} if more else {}),
        "contentType": "application/json",
        "tags": _tags(model),
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": reference(model),
        "bindings": {"amqp": {"messageType": model.TYPE, "bindingVersion": AMQP_BINDING}},
    }
    if model is ReprocessRequested:  # others need to send less than we do
        del message["traits"]
        message |= {"headers": _DOOR_HEADERS, "examples": [{"name": "request", "payload": _REQUEST}]}
    return message


def _tags(model: Model) -> list[Json]:
    kind = "command" if issubclass(model, Command | ReprocessRequested) else "event"
    tags: list[Json] = [{"name": kind}]
    if issubclass(model, StateEvent):
        tags.append({"name": "state", "description": "Full state of its subject; the highest version wins."})
    if model in PUBLIC_MESSAGES:
        tags.append(PUBLIC_TAG)
    return tags


def _bare() -> Json:
    return {
        "name": BARE,
        "title": "A reprocess request as bare JSON",
        "summary": "The data alone: no header and no property is needed.",
        "description": (
            "Ids may be digits in a string, for senders without 64-bit numbers. Other members are ignored. "
            "The id of the request is `request_id`, else the AMQP property `message_id`; with neither, every "
            "delivery is a request of its own. A request joins the unfinished one for the same invoice."
        ),
        "contentType": "application/json",
        "tags": [{"name": "command"}, PUBLIC_TAG],
        "payload": reference(ReprocessRequested),
        "examples": [{"name": "request", "payload": _REQUEST}],
    }


def _structured() -> Json:
    event = {
        "specversion": "1.0",
        "id": "april-17",
        "source": "erp",
        "type": ReprocessRequested.TYPE,
        "data": _REQUEST,
    }
    return {
        "name": STRUCTURED,
        "title": "A reprocess request as a CloudEvent in structured mode",
        "summary": "All attributes and the data in one JSON object.",
        "contentType": "application/cloudevents+json",
        "tags": [{"name": "command"}, PUBLIC_TAG],
        "payload": {"$ref": "#/components/schemas/ReprocessCloudEvent"},
        "examples": [{"name": "request", "payload": event}],
    }


def _parked() -> Json:
    return {
        "name": PARKED,
        "title": "A parked message",
        "summary": "A message that could not be handled at all, as it came, with the reason beside it.",
        "description": (
            "Body, properties and headers are the sender's, so the body may be anything; it waits in the "
            "gateway until a person replays or discards it."
        ),
        "headers": PARKED_HEADERS,
    }
