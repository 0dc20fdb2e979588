"""``relay``: from outbox rows to confirmed messages, against publishing the same and nothing else."""

from uuid import uuid4

import aio_pika
from sqlalchemy import text

from drawbridge.cloud_service.store.tables import SCHEMA
from drawbridge.contracts.message import EVENTS
from drawbridge.messaging import Broker, Relay
from drawbridge.persistence import Database
from drawbridge.runtime.metrics import OUTBOX_PUBLISHED
from drawbridge.testkit.servers import Servers
from tests.bench.bare.publishing import publish_all
from tests.bench.cases import doorstep
from tests.bench.counters import total
from tests.bench.figures import Figures
from tests.bench.place import Place
from tests.bench.rounds import take_turns
from tests.bench.running import seconds_until

COUNT = 20_000
GOAL = 0.7
_TYPE = "drawbridge.request.state.v1"
_BODY = b'{"padding": "' + b"x" * 1_009 + b'"}'
_ROWS = text("""
INSERT INTO outbox (id, aggregatetype, aggregateid, type, exchange, routing_key, payload, headers,
    correlation_id, causation_id, created_at)
SELECT gen_random_uuid(), 'request', 'request/main/' || n, :type, :exchange, :type, :body, '{}',
    gen_random_uuid()::text, gen_random_uuid(), now()
FROM generate_series(1, CAST(:count AS int)) AS n
""")


async def bench_relay(servers: Servers, rounds: int) -> list[Figures]:
    """1 KiB events to one quorum queue; reading rows and marking them sent is ours only."""
    template = await doorstep.template(servers)

    async def ours() -> float:
        async with template.place() as place:
            return await _relayed(place)

    async def bare() -> float:
        async with template.place() as place:
            messages = [_message(number) for number in range(COUNT)]
            return COUNT / await publish_all(place.amqp_url, EVENTS, _TYPE, messages)

    figures = await take_turns(rounds, {"ours": ours, "bare": bare})
    return [Figures("relay", figures["ours"], figures["bare"], GOAL, reference="relay")]


async def _relayed(place: Place) -> float:
    database = doorstep.open_database(place)
    broker = Broker(place.amqp_url, name="bench")
    try:
        await _fill(database)
        before = total(OUTBOX_PUBLISHED, schema=SCHEMA)

        def sent() -> bool:
            return total(OUTBOX_PUBLISHED, schema=SCHEMA) - before >= COUNT

        return COUNT / await seconds_until(sent, Relay(database, broker))
    finally:
        await broker.close()
        await database.dispose()


async def _fill(database: Database) -> None:
    async with database.bookkeeping() as connection:
        values = {"type": _TYPE, "exchange": EVENTS, "body": _BODY, "count": COUNT}
        await connection.execute(_ROWS, values)


def _message(number: int) -> aio_pika.Message:
    """As the relay sends it: the same properties and headers."""
    identity = str(uuid4())
    return aio_pika.Message(
        _BODY,
        message_id=identity,
        type=_TYPE,
        app_id="cloud-service",
        correlation_id=str(uuid4()),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers={
            "ce-specversion": "1.0",
            "ce-subject": f"request/main/{number}",
            "ce-time": "2026-03-01T08:00:00.000000+00:00",
            "causation-id": str(uuid4()),
        },
    )
