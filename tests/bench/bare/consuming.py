"""The bound of consuming: aio-pika, a list, and one multiple ack for a batch."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from pydantic import SecretStr

type Work = Callable[[Sequence[AbstractIncomingMessage]], Awaitable[None]]

BATCH = 200


async def drain(url: SecretStr, queue: str, expected: int, work: Work, *, batch: int = BATCH) -> float:
    """Consume so many deliveries in batches; gives the seconds from the first consume to the last ack.

    A batch of 1 is acknowledged singly, with 100 prefetched.
    """
    connection = await aio_pika.connect(url.get_secret_value())
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=max(100, 2 * batch))
        arrived: list[AbstractIncomingMessage] = []
        woken = asyncio.Event()

        async def arrive(message: AbstractIncomingMessage) -> None:
            arrived.append(message)
            woken.set()

        source = await channel.get_queue(queue, ensure=False)
        started = time.perf_counter()
        tag = await source.consume(arrive)
        done = 0
        while done < expected:
            await woken.wait()
            taken = arrived[:batch]
            del arrived[:batch]
            if not arrived:
                woken.clear()
            await work(taken)
            await taken[-1].ack(multiple=True)
            done += len(taken)
        seconds = time.perf_counter() - started
        await source.cancel(tag)
        return seconds
