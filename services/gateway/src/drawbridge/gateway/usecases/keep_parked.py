"""Keep what nobody could handle: bytes as they came, and what people may see of them."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from drawbridge.gateway.domain.parked_message import read_parked
from drawbridge.gateway.domain.redaction import clean, preview, storable
from drawbridge.gateway.store.operations import park_operations
from drawbridge.gateway.store.parked import keep
from drawbridge.gateway.store.tables import ParkedRow
from drawbridge.persistence import RawMessage, Transaction


async def keep_parked(tx: Transaction, messages: Sequence[RawMessage]) -> None:
    """Store parked messages; an operation whose command parked waits for a person."""
    await keep(tx.session, [_row(tx, message) for message in messages])
    ids = [_uuid(message.properties.message_id) for message in messages]
    await park_operations(tx.session, [each for each in ids if each is not None], parked=True)


def _row(tx: Transaction, message: RawMessage) -> ParkedRow:
    parked = read_parked(message)
    headers = {clean(name): storable(value) for name, value in message.headers.items()}
    return ParkedRow(
        id=uuid4(),
        message_id=clean(message.properties.message_id or "") or None,
        queue=clean(parked.queue),
        code=clean(parked.problem.code),
        reason=clean(parked.problem.message),
        advice=clean(parked.problem.advice),
        type=clean(message.properties.type or ""),
        headers=headers,
        properties={name: storable(value) for name, value in message.properties.to_json().items()},
        body=message.body,
        preview=preview(message.body),
        parked_at=tx.now,
        state="parked",
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
