"""``projection``: from the gateway's queue to its read model, with a million rows and all indexes there."""

import time

from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.gateway.entrypoints.intake import EVENTS_QUEUE, events_intake
from drawbridge.gateway.store.tables import SCHEMA
from drawbridge.messaging import Broker, declare
from drawbridge.persistence import Database
from drawbridge.runtime.metrics import INTAKE_MESSAGES
from drawbridge.testkit.isolation import fresh_vhost
from drawbridge.testkit.servers import Servers
from tests.bench.cases.grid_events import KNOWN, fill_read_model, publish_events
from tests.bench.cases.projection_bare import bare_seconds
from tests.bench.counters import total
from tests.bench.figures import Figures, note
from tests.bench.place import Template
from tests.bench.rounds import take_turns
from tests.bench.running import seconds_until

COUNT = 10_000
GOAL_PER_SECOND = 3_000


async def bench_projection(servers: Servers, rounds: int) -> list[Figures]:
    """Ours against a bare batched loop on the same tables."""
    url = (await Template.of(servers, "drawbridge.gateway", SCHEMA)).url
    database = Database(url, schema=SCHEMA, service="gateway")
    started = time.perf_counter()
    await fill_read_model(database)
    note(
        "projection", f"{KNOWN} rows and lines of history were made in {time.perf_counter() - started:.0f} s"
    )

    async def ours() -> float:
        async with fresh_vhost(servers.rabbitmq) as amqp_url:
            return COUNT / await _our_seconds(database, await _filled(amqp_url))

    async def bare() -> float:
        async with fresh_vhost(servers.rabbitmq) as amqp_url:
            return COUNT / await bare_seconds(url, await _filled(amqp_url), EVENTS_QUEUE, COUNT)

    try:
        figures = await take_turns(rounds, {"ours": ours, "bare": bare})
    finally:
        await database.dispose()
    return [Figures("projection", figures["ours"], figures["bare"], GOAL_PER_SECOND, unit="events/s")]


async def _filled(amqp_url: str) -> SecretStr:
    url = SecretStr(amqp_url)
    await declare(url, TOPOLOGY)
    await publish_events(url, COUNT)
    return url


async def _our_seconds(database: Database, amqp_url: SecretStr) -> float:
    broker = Broker(amqp_url, name="bench")
    before = total(INTAKE_MESSAGES, queue=EVENTS_QUEUE)

    def drained() -> bool:
        return total(INTAKE_MESSAGES, queue=EVENTS_QUEUE) - before >= COUNT

    try:
        return await seconds_until(drained, events_intake(broker, database))
    finally:
        await broker.close()
