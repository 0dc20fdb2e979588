"""The channels of the document: where messages are sent to (exchange and routing key), and the queues."""

from typing import Any

from drawbridge.contracts.asyncapi.envelope import AMQP_BINDING
from drawbridge.contracts.asyncapi.messages import DOOR_FORMS, PARKED, PUBLIC_TAG
from drawbridge.contracts.asyncapi.routing import Model, route_of, taken_by
from drawbridge.contracts.message import DEAD, PUBLIC
from drawbridge.contracts.parties import PUBLIC_MESSAGES
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.contracts.topology import PARKED_QUEUE, REPROCESS_QUEUE, Exchange, Queue, Topology

type Json = dict[str, Any]

DEAD_CHANNEL = "dead"
OUTSIDE_CHANNEL = "outside"
_PREFIX = "drawbridge."


def channel_of(model: Model) -> str:
    """The id of the channel that a message is sent to: exchange and routing key."""
    exchange, key = route_of(model)
    return f"{exchange.removeprefix(_PREFIX)}.{key}"


def channels(topology: Topology, models: list[Model]) -> Json:
    """All channels by id; a queue's id is its name."""
    exchanges = {exchange.name: exchange for exchange in topology.exchanges}
    sending: Json = {}
    for model in models:
        exchange, key = route_of(model)
        empty = _sending(exchanges[exchange], key, public=exchange == PUBLIC)
        channel = sending.setdefault(channel_of(model), empty)
        channel["messages"] |= _messages(*forms_of(model))
    dead = _sending(exchanges[DEAD], None, public=False) | {"messages": _messages(PARKED)}
    reading = {queue.name: _reading(queue, names_in(queue, topology, models)) for queue in topology.queues}
    return dict(sorted(sending.items())) | {DEAD_CHANNEL: dead} | reading | {OUTSIDE_CHANNEL: _outside()}


def forms_of(model: Model) -> tuple[str, ...]:
    """The names of a message in the document: more than one at the public door."""
    return DOOR_FORMS if model is ReprocessRequested else (model.TYPE,)


def names_in(queue: Queue, topology: Topology, models: list[Model]) -> tuple[str, ...]:
    """The names of all messages that reach a queue."""
    if queue.name == PARKED_QUEUE:
        return (PARKED,)
    return tuple(name for model in taken_by(queue, topology, models) for name in forms_of(model))


def _messages(*names: str) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _sending(exchange: Exchange, key: str | None, *, public: bool) -> Json:
    return {
        "address": key,
        "title": f"{exchange.name} {key or ''}".strip(),
        "description": f"The {exchange.kind} exchange `{exchange.name}`"
        + (f" with the routing key `{key}`." if key else "; the routing key is the queue that it came from."),
        **({"tags": [PUBLIC_TAG]} if public else {}),
        "messages": {},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": exchange.name,
                    "type": exchange.kind,
                    "durable": True,
                    "autoDelete": False,
                },
                "bindingVersion": AMQP_BINDING,
            }
        },
    }


def _reading(queue: Queue, names: tuple[str, ...]) -> Json:
    bound = ", ".join(
        f"`{each.exchange}`" + (f" with `{each.key}`" if each.key else "") for each in queue.bindings
    )
    return {
        "address": queue.name,
        "title": f"queue {queue.name}",
        "description": f"A durable quorum queue, bound to {bound}.",
        **({"tags": [PUBLIC_TAG]} if queue.name == REPROCESS_QUEUE else {}),
        "messages": _messages(*names),
        "bindings": {"amqp": _queue_binding(queue.name)},
        "x-queue-arguments": dict(queue.arguments),
    }


def _outside() -> Json:
    """The queues of outside consumers: one each, declared by the operator."""
    names = [model.TYPE for model in PUBLIC_MESSAGES if model is not ReprocessRequested]
    return {
        "address": "outside.{consumer}",
        "title": "queue of an outside consumer",
        "description": (
            "A durable quorum queue for each consumer outside of Drawbridge, with the public events that it "
            "asked for: `drawbridge topology declare --outside NAME=TYPE`."
        ),
        "parameters": {"consumer": {"description": "The consumer's name."}},
        "tags": [PUBLIC_TAG],
        "messages": _messages(*names),
        "bindings": {"amqp": _queue_binding("outside.{consumer}")},
    }


def _queue_binding(name: str) -> Json:
    return {
        "is": "queue",
        "queue": {"name": name, "durable": True, "exclusive": False, "autoDelete": False},
        "bindingVersion": AMQP_BINDING,
    }
