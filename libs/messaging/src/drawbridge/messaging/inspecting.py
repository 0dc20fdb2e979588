"""Looks at the broker without changing anything: which queues are there, how full, and who reads them."""

from dataclasses import dataclass

from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed
from pydantic import SecretStr

from drawbridge.contracts.topology import Queue, Topology
from drawbridge.messaging.broker import quietly_close
from drawbridge.messaging.connecting import connect


@dataclass(frozen=True, slots=True)
class QueueReport:
    """One queue. ``problem`` is empty when it is as the topology describes it."""

    name: str
    problem: str = ""
    messages: int = 0
    consumers: int = 0


@dataclass(frozen=True, slots=True)
class BrokerReport:
    """The broker's version, and each queue of the topology."""

    version: str
    queues: tuple[QueueReport, ...]


async def inspect(url: SecretStr, topology: Topology) -> BrokerReport:
    """Look at each queue of the topology, with a user that may declare.

    Raises:
        OSError | aio_pika.exceptions.AMQPError: when the broker is away or refuses us.
    """
    connection = await connect(url, "drawbridge doctor")
    try:
        queues = [await _queue(connection, queue) for queue in topology.queues]
        transport = connection.transport
        properties = transport.connection.server_properties if transport is not None else {}
        return BrokerReport(str(properties.get("version", "unknown")), tuple(queues))
    finally:
        await quietly_close(connection)


async def _queue(connection: AbstractConnection, queue: Queue) -> QueueReport:
    """A queue that is there is declared once more, which only compares its arguments."""
    channel = await connection.channel()
    try:
        found = await channel.declare_queue(queue.name, passive=True)
        await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
    except ChannelNotFoundEntity:
        return QueueReport(queue.name, "it does not exist")
    except ChannelPreconditionFailed:
        return QueueReport(queue.name, "it has other arguments")
    finally:
        await quietly_close(channel)
    counts = found.declaration_result
    return QueueReport(queue.name, "", counts.message_count or 0, counts.consumer_count or 0)
