"""``light_effect``: from publishing a request to its committed row, while there is little to do."""

import asyncio
import time
from uuid import UUID

import aio_pika
import asyncpg

from drawbridge.contracts.message import PUBLIC
from drawbridge.testkit.servers import Servers
from tests.bench.cases import doorstep
from tests.bench.figures import AtMost, percentile
from tests.bench.place import Connection, Place
from tests.bench.worker import cloud_worker

COUNT = 500
A_SECOND = 25
GOAL_MS = 50
_FOUND = "SELECT message_id FROM cloud.requests WHERE message_id = ANY($1::uuid[])"


async def bench_light_effect(servers: Servers, _rounds: int) -> list[AtMost]:
    """One run at a steady pace, seen from outside: publisher and observer are not the worker."""
    template = await doorstep.template(servers)
    async with template.place() as place, cloud_worker(place):
        milliseconds = await _observed(place)
    p50, p99 = (percentile(milliseconds, part) for part in (50, 99))
    words = f"p99 of {COUNT} at {A_SECOND}/s; p50={p50:.1f} max={max(milliseconds):.1f}"
    return [AtMost("light_effect", p99, GOAL_MS, "ms", words)]


async def _observed(place: Place) -> list[float]:
    observer = _Observer()
    listening: Connection = await asyncpg.connect(place.database_url.get_secret_value())
    looking: Connection = await asyncpg.connect(place.database_url.get_secret_value())
    await listening.add_listener("cloud_outbox", lambda *_: observer.committed.set())
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(observer.watch(looking))
            group.create_task(_publish(place, observer))
    finally:
        await listening.close()
        await looking.close()
    return observer.milliseconds


class _Observer:
    """Learns of each commit by the notification that goes out with it."""

    def __init__(self) -> None:
        self.published: dict[UUID, float] = {}
        self.milliseconds: list[float] = []
        self.committed = asyncio.Event()

    async def watch(self, connection: Connection) -> None:
        """Look at each notification which of the published are there."""
        async with asyncio.timeout(60 + COUNT / A_SECOND):
            while len(self.milliseconds) < COUNT:
                await self.committed.wait()
                self.committed.clear()
                seen = time.perf_counter()
                for row in await connection.fetch(_FOUND, list(self.published)):
                    self.milliseconds.append((seen - self.published.pop(row["message_id"])) * 1000)


async def _publish(place: Place, observer: _Observer) -> None:
    async with await aio_pika.connect(place.amqp_url.get_secret_value()) as connection:
        channel = await connection.channel()
        target = await channel.get_exchange(PUBLIC, ensure=False)
        fresh = [each for each in doorstep.messages(COUNT * 2) if each.message_id]
        ids = {each.message_id: each for each in fresh}
        for identity, message in list(ids.items())[:COUNT]:
            observer.published[UUID(identity)] = time.perf_counter()
            await target.publish(message, "reprocess", mandatory=True)
            await asyncio.sleep(1 / A_SECOND)
