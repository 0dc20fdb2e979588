"""Acting as an outsider: what tools and tests use to publish and consume without a database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

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


class OutsidePublisher:
    """An open connection for many messages; see `publishing`."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    async def publish(self, exchange: str, routing_key: str, message: OutsideMessage) -> str:
        """Publish one message and wait for its confirm; gives the message id.

        Raises:
            aio_pika.exceptions.AMQPError: when no queue takes it, the broker refuses it or is gone.
        """
        identity = message.id or str(uuid4())
        properties = Properties(message_id=identity, type=message.type, content_type="application/json")
        target = await self._channel.get_exchange(exchange, ensure=False)
        sent = message_of(message.body, message.headers, properties)
        await target.publish(sent, routing_key, mandatory=True)
        return identity


@asynccontextmanager
async def publishing(url: str) -> AsyncIterator[OutsidePublisher]:
    """A connection to publish on; closed afterwards, however dead it is.

    Raises:
        OSError | aio_pika.exceptions.AMQPError: when the broker is away or refuses us.
    """
    connection = await connect(url, "drawbridge outside publisher")
    try:
        yield OutsidePublisher(await connection.channel(publisher_confirms=True, on_return_raises=True))
    finally:
        await quietly_close(connection)


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
    async with publishing(url) as publisher:
        return await publisher.publish(
            exchange, routing_key, OutsideMessage(message_id, type, body, headers or {})
        )


async def consume(
    url: str, queue: str, handle: Callable[[OutsideMessage], Awaitable[None]], stop: asyncio.Event
) -> None:
    """Hand each message of a queue to ``handle``, acknowledging it afterwards, until ``stop`` is set.

    Raises:
        ConnectionError: when the connection is lost; an error of ``handle`` leaves its message in the queue.
    """
    connection = await connect(url, "drawbridge outside consumer")
    try:
        channel = await (await connection.channel()).get_underlay_channel()
        await channel.basic_qos(prefetch_count=50)
        arrived: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
        tag = (await channel.basic_consume(queue, arrived.put)).consumer_tag or ""
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
            await channel.basic_ack(message.delivery_tag or 0)
        await channel.basic_cancel(tag)
    finally:
        await quietly_close(connection)
