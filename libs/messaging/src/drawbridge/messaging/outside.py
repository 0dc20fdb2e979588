"""Acting as an outsider: what tools and tests use to publish and consume without a database."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from aio_pika.abc import AbstractIncomingMessage

from drawbridge.messaging.broker import quietly_close
from drawbridge.messaging.connecting import connect
from drawbridge.messaging.wire import message_of, read_delivery
from drawbridge.persistence import JSON, Properties


@dataclass(frozen=True, slots=True)
class OutsideMessage:
    """A message as an outsider sees it."""

    id: str | None
    type: str | None
    body: bytes
    headers: Mapping[str, JSON] = field(default_factory=dict)


async def publish(
    url: str,
    exchange: str,
    routing_key: str,
    body: bytes,
    *,
    message_id: str | None = None,
    headers: Mapping[str, JSON] | None = None,
    type: str | None = None,  # noqa: A002  # AMQP's own name for it
) -> str:
    """Publish one message and wait for its confirm; gives the message id.

    Raises:
        aio_pika.exceptions.DeliveryError: when no queue takes it or the broker refuses it.
    """
    connection = await connect(url, "drawbridge outside publisher")
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        identity = message_id or str(uuid4())
        properties = Properties(message_id=identity, type=type, content_type="application/json")
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(message_of(body, headers or {}, properties), routing_key, mandatory=True)
        return identity
    finally:
        await quietly_close(connection)


async def consume(
    url: str, queue: str, handle: Callable[[OutsideMessage], Awaitable[None]], stop: asyncio.Event
) -> None:
    """Hand each message of a queue to ``handle``, acknowledging it afterwards, until ``stop`` is set.

    Raises:
        ConnectionError: when the connection is lost; an error of ``handle`` leaves its message in the queue.
    """
    connection = await connect(url, "drawbridge outside consumer")
    try:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        source = await channel.get_queue(queue, ensure=False)
        tag = await source.consume(arrived.put)
        while not stop.is_set():
            try:
                async with asyncio.timeout(0.2):
                    message = await arrived.get()
            except TimeoutError:
                if channel.is_closed:
                    raise ConnectionError(f"The consumer of {queue} is lost.") from None
                continue
            raw = read_delivery(message, queue)
            await handle(
                OutsideMessage(raw.properties.message_id, raw.properties.type, raw.body, raw.headers)
            )
            await message.ack()
        await source.cancel(tag)
    finally:
        await quietly_close(connection)
