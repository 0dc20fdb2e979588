"""Declares exchanges and queues: a job of its own, never a part of a consumer."""

from aio_pika.abc import AbstractChannel
from pydantic import SecretStr

from drawbridge.contracts.topology import Queue, Topology
from drawbridge.messaging.broker import quietly_close
from drawbridge.messaging.connecting import connect


async def declare(url: SecretStr, topology: Topology) -> None:
    """Declare the whole topology; safe to repeat.

    Raises:
        aio_pika.exceptions.ChannelPreconditionFailed: when something exists with other arguments.
    """
    connection = await connect(url, "drawbridge topology")
    try:
        channel = await connection.channel()
        for exchange in topology.exchanges:
            await channel.declare_exchange(exchange.name, exchange.kind, durable=True)
        for queue in topology.queues:
            await _declare_queue(channel, queue)
    finally:
        await quietly_close(connection)


async def _declare_queue(channel: AbstractChannel, queue: Queue) -> None:
    declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
    for binding in queue.bindings:
        await declared.bind(binding.exchange, binding.key)
