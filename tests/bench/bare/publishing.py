"""The bound of publishing: aio-pika and nothing else, hundreds of confirms outstanding."""

import asyncio
import time
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import AbstractExchange
from pydantic import SecretStr

OUTSTANDING = 500


async def publish_all(
    url: SecretStr, exchange: str, routing_key: str, messages: Sequence[aio_pika.Message]
) -> float:
    """Publish all and wait for every confirm; gives the seconds that it took."""
    connection = await aio_pika.connect(url.get_secret_value())
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        target = await channel.get_exchange(exchange, ensure=False)
        started = time.perf_counter()
        await _pipelined(target, routing_key, messages)
        return time.perf_counter() - started


async def _pipelined(
    target: AbstractExchange, routing_key: str, messages: Sequence[aio_pika.Message]
) -> None:
    """As many tasks as confirms may be outstanding, each publishing one after the other."""
    left = iter(messages)

    async def publish() -> None:
        for message in left:
            await target.publish(message, routing_key, mandatory=True)

    async with asyncio.TaskGroup() as publishers:
        for _ in range(OUTSTANDING):
            publishers.create_task(publish())
