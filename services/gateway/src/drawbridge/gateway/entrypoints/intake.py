"""The two queues that the gateway reads: all services' events, and what nobody could handle."""

import json
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid5

from drawbridge.contracts import Envelope, Message
from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.gateway.domain.parked_message import DIED_AT, DIED_IN
from drawbridge.gateway.usecases.keep_parked import keep_parked
from drawbridge.gateway.usecases.project_events import project_events
from drawbridge.messaging import PARKED_HEADERS, Broker, Intake, RawMessage, Received
from drawbridge.persistence import Database, Transaction
from drawbridge.persistence.snapshots import snapshot_works
from drawbridge.runtime import utc_now

EVENTS_QUEUE = "gateway.events"
COMMANDS_QUEUE = "gateway.commands"
_PARKINGS = UUID("5f7a0d2e-6d0c-4e0e-9b53-7f6f3b1c8a11")


def events_intake(broker: Broker, database: Database) -> Intake:
    """Builds the read model."""
    return Intake(broker, database, EVENTS_QUEUE, project_events)


def commands_intake(broker: Broker, database: Database) -> Intake:
    """Takes requests for a snapshot of what the gateway owns."""
    return Intake(broker, database, COMMANDS_QUEUE, _command)


async def _command(tx: Transaction, received: Sequence[Received]) -> None:
    await tx.add_work(*snapshot_works("gateway", received))


def parked_intake(broker: Broker, database: Database) -> Intake:
    """Keeps parked messages."""
    return Intake(broker, database, PARKED_QUEUE, _keep, decode=decode_anything)


async def _keep(tx: Transaction, received: Sequence[Received]) -> None:
    await keep_parked(tx, [each.raw for each in received])


def decode_anything(raw: RawMessage) -> Received:
    """Take a message whatever it holds; never fails.

    The key names one parking, not one message: a message that is replayed and parked again is kept again,
    a second delivery of one parking is not.
    """
    marks = {
        name: raw.headers[name] for name in sorted({*PARKED_HEADERS, DIED_IN, DIED_AT} & set(raw.headers))
    }
    facts = [raw.properties.message_id, sha256(raw.body).hexdigest(), marks]
    digest = sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
    envelope = Envelope(
        id=uuid5(_PARKINGS, digest),
        type=raw.properties.type or "",
        source=raw.properties.app_id or "",
        subject="",
        time=utc_now(),
        correlation_id=raw.properties.correlation_id or digest[:32],
    )
    return Received(f"{PARKED_QUEUE}/{digest}", envelope, Message(), raw)
