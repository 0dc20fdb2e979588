"""Which queues take a message: the broker's routing, as far as our topology uses it."""

from drawbridge.contracts.message import Message
from drawbridge.contracts.topology import Exchange, Queue, Topology

type Model = type[Message]


def route_of(model: Model) -> tuple[str, str]:
    """Exchange and routing key of a message. The key is the same for all messages of a type."""
    return model.EXCHANGE, model.model_construct().routing_key()


def takes(queue: Queue, exchange: Exchange, key: str) -> bool:
    """Whether a queue gets what is sent to an exchange under this key."""
    return any(
        exchange.kind == "fanout" or _matches(binding.key, key, topic=exchange.kind == "topic")
        for binding in queue.bindings
        if binding.exchange == exchange.name
    )


def taken_by(queue: Queue, topology: Topology, models: list[Model]) -> list[Model]:
    """The messages that reach a queue."""
    exchanges = {exchange.name: exchange for exchange in topology.exchanges}
    routes = [(model, *route_of(model)) for model in models]
    return [model for model, exchange, key in routes if takes(queue, exchanges[exchange], key)]


def _matches(pattern: str, key: str, *, topic: bool) -> bool:
    """A topic pattern as we use it: exact, or a prefix with ``#`` at the end."""
    if topic and pattern.endswith("#"):
        return key.startswith(pattern.removesuffix("#"))
    return pattern == key
