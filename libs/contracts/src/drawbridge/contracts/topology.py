"""Exchanges and queues, described once: the declaring job, the documents and the tests read this."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from drawbridge.contracts.message import COMMANDS, DEAD, EVENTS, PUBLIC
from drawbridge.contracts.snapshots import EVERY_SERVICE

DELIVERY_LIMIT = 10
"""Deliveries of one message before the broker itself parks it."""

REPROCESS_QUEUE = "drawbridge.reprocess"
PARKED_QUEUE = "drawbridge.parked"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange."""

    name: str
    kind: Literal["direct", "topic", "fanout"]


@dataclass(frozen=True, slots=True)
class Binding:
    """A queue takes what an exchange routes by this key."""

    exchange: str
    key: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue; what exceeds its delivery limit goes to the dead exchange, at least once."""

    name: str
    bindings: tuple[Binding, ...]
    dead_lettered: bool = True

    @property
    def arguments(self) -> dict[str, str | int]:
        """The declaration's arguments.

        At-least-once dead-lettering needs a dead-letter exchange *and* ``overflow=reject-publish``, else
        RabbitMQ silently falls back to at-most-once.
        """
        quorum: dict[str, str | int] = {"x-queue-type": "quorum"}
        if not self.dead_lettered:
            return quorum
        return quorum | {
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


@dataclass(frozen=True, slots=True)
class OutsideConsumer:
    """Somebody else's durable queue ``outside.<name>`` with the public events of these types."""

    name: str
    types: tuple[str, ...]

    @property
    def queue(self) -> str:
        """The queue's name."""
        return f"outside.{self.name}"


@dataclass(frozen=True, slots=True)
class Topology:
    """All exchanges and queues of an installation."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...] = field(default=())

    def with_outside(self, consumers: Iterable[OutsideConsumer]) -> Self:
        """Add one queue for each outside consumer."""
        outside = tuple(
            Queue(consumer.queue, _events(*consumer.types), dead_lettered=False) for consumer in consumers
        )
        return replace(self, queues=self.queues + outside)


def _events(*types: str) -> tuple[Binding, ...]:
    return tuple(Binding(EVENTS, message_type) for message_type in types)


def _commands(service: str) -> tuple[Binding, ...]:
    return Binding(COMMANDS, service), Binding(COMMANDS, EVERY_SERVICE)


_VAULTS = "drawbridge.vault.settings.v1"
_SNAPSHOTS = "drawbridge.snapshot.finished.v1"
_IMPORT_OUTCOMES = (
    "drawbridge.procore-invoice.state.v1",
    "drawbridge.invoice.state.v1",
    "drawbridge.command.refused.v1",
    "drawbridge.command.postponed.v1",
)

TOPOLOGY = Topology(
    exchanges=(
        Exchange(COMMANDS, "direct"),
        Exchange(EVENTS, "topic"),
        Exchange(PUBLIC, "direct"),
        Exchange(DEAD, "fanout"),
    ),
    queues=(
        Queue("gateway.commands", _commands("gateway")),
        Queue("gateway.events", _events("drawbridge.#")),
        Queue("import-service.commands", _commands("import-service")),
        Queue("import-service.events", _events(_VAULTS, "drawbridge.invoice-payments.state.v1", _SNAPSHOTS)),
        Queue(REPROCESS_QUEUE, (Binding(PUBLIC, "reprocess"),)),
        Queue("cloud-service.commands", _commands("cloud-service")),
        Queue("cloud-service.events", _events(_VAULTS, *_IMPORT_OUTCOMES, _SNAPSHOTS)),
        Queue("payment-backfiller.commands", _commands("payment-backfiller")),
        Queue("payment-backfiller.events", _events(_VAULTS, "drawbridge.invoice.state.v1", _SNAPSHOTS)),
        Queue(PARKED_QUEUE, (Binding(DEAD, ""),), dead_lettered=False),
    ),
)
