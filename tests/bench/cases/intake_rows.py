"""The rows that cloud-service writes for one request, built by hand with nothing but a fast JSON writer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from aio_pika.abc import AbstractIncomingMessage
from pydantic_core import from_json, to_json

_COMMAND_TYPE = "drawbridge.invoice.import.requested.v1"
_STATE_TYPE = "drawbridge.request.state.v1"

REQUESTS = (
    "id",
    "message_id",
    "vault_id",
    "project_id",
    "requisition_id",
    "requested_by",
    "received_at",
    "command_id",
    "correlation_id",
)
OUTBOX = (
    "id",
    "aggregatetype",
    "aggregateid",
    "type",
    "exchange",
    "routing_key",
    "payload",
    "correlation_id",
    "causation_id",
    "created_at",
)
HISTORY = ("subject", "version", "change")


@dataclass(frozen=True, slots=True)
class RequestRows:
    """One request: a row, a command, a state event, a line of history."""

    request: tuple[Any, ...]
    outbox: tuple[tuple[Any, ...], tuple[Any, ...]]
    history: tuple[Any, ...]


def key_of(message: AbstractIncomingMessage) -> str:
    """The place in the inbox."""
    return f"drawbridge.reprocess/{message.message_id}"


def rows_of(message: AbstractIncomingMessage) -> RequestRows:
    """Read a delivery and build all that it leads to."""
    body = from_json(message.body)
    vault, project, requisition = body["vault_id"], body["project_id"], body["requisition_id"]
    by, cause, now = body["requested_by"], UUID(message.message_id), datetime.now(UTC)
    request_id, command_id, correlation = uuid4(), uuid4(), str(message.message_id)
    change = {"what": "requested", "at": now, "by": by, "detail": ""}
    command = {
        "vault_id": vault,
        "requested_by": by,
        "expected_version": None,
        "project_id": project,
        "requisition_id": requisition,
        "how": "reprocess",
        "target": "invoice",
        "open_invoice_id": None,
    }
    state = {
        "version": 1,
        "change": change,
        "snapshot_id": None,
        "id": request_id,
        "message_id": cause,
        "vault_id": vault,
        "project_id": project,
        "requisition_id": requisition,
        "how": "reprocess",
        "received_from": "outside",
        "requested_by": by,
        "status": "sent",
        "received_at": now,
        "finished_at": None,
        "attempts": [],
        "problem": None,
    }
    about, subject = f"requisition/{vault}/{requisition}", f"request/{vault}/{request_id}"
    commands = (command_id, "requisition", about, _COMMAND_TYPE, "drawbridge.commands", "import-service")
    states = (uuid4(), "request", subject, _STATE_TYPE, "drawbridge.events", _STATE_TYPE)
    ends = (correlation, cause, now)
    return RequestRows(
        request=(request_id, cause, vault, project, requisition, by, now, command_id, correlation),
        outbox=((*commands, to_json(command), *ends), (*states, to_json(state), *ends)),
        history=(subject, 1, to_json(change).decode()),
    )
