"""What each service's broker user may do, and the whole broker as RabbitMQ's own definitions.

Derived from the topology, so that a new queue cannot be forgotten here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drawbridge.contracts.message import COMMANDS, DEAD, EVENTS, PUBLIC
from drawbridge.contracts.topology import PARKED_QUEUE, REPROCESS_QUEUE, TOPOLOGY, OutsideConsumer, Topology

SERVICES = ("gateway", "import-service", "cloud-service", "payment-backfiller")

_NOTHING = "^$"
_DEFAULT_EXCHANGE = "amq.default"
_SHARED = {PARKED_QUEUE: "gateway", REPROCESS_QUEUE: "cloud-service"}
"""Queues that are not named after the service that reads them."""


@dataclass(frozen=True, slots=True)
class Access:
    """Three regular expressions, as RabbitMQ has them: what a user may declare, send to and consume."""

    configure: str
    write: str
    read: str


def service_access(service: str, topology: Topology = TOPOLOGY) -> Access:
    """A service reads its own queues, sends to the exchanges and declares nothing.

    Only the gateway may use the default exchange, which reaches every queue: a replayed message goes back
    into the queue that it came from.
    """
    queues = [queue.name for queue in topology.queues if _reader(queue.name) == service]
    exchanges = [COMMANDS, EVENTS, DEAD]
    if service == "gateway":
        exchanges += [PUBLIC, _DEFAULT_EXCHANGE]
    return Access(_NOTHING, _any_of(exchanges), _any_of(queues))


def outside_publisher_access() -> Access:
    """Whoever asks for reprocessing may send to the public exchange, and nothing else."""
    return Access(_NOTHING, _any_of([PUBLIC]), _NOTHING)


def outside_consumer_access(consumer: OutsideConsumer) -> Access:
    """An outside consumer reads its own queue, and nothing else."""
    return Access(_NOTHING, _NOTHING, _any_of([consumer.queue]))


def definitions(topology: Topology = TOPOLOGY, vhost: str = "/") -> dict[str, Any]:
    """Exchanges, queues and bindings in the form that RabbitMQ imports and exports; no users, no secrets."""
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {"name": each.name, "vhost": vhost, "type": each.kind, "durable": True, "auto_delete": False}
            | {"internal": False, "arguments": {}}
            for each in topology.exchanges
        ],
        "queues": [
            {"name": each.name, "vhost": vhost, "durable": True, "auto_delete": False}
            | {"arguments": each.arguments}
            for each in topology.queues
        ],
        "bindings": [
            {"source": binding.exchange, "vhost": vhost, "destination": queue.name}
            | {"destination_type": "queue", "routing_key": binding.key, "arguments": {}}
            for queue in topology.queues
            for binding in queue.bindings
        ],
    }


def _reader(queue: str) -> str:
    return _SHARED.get(queue, queue.partition(".")[0])


def _any_of(names: Iterable[str]) -> str:
    return f"^({'|'.join(map(re.escape, names))})$"
