"""The topology routes every message to somebody, and loses none on the way."""

import pytest

from drawbridge.contracts.message import COMMANDS, DEAD, EVENTS, PUBLIC, Command, Event
from drawbridge.contracts.parties import SERVICES
from drawbridge.contracts.snapshots import EVERY_SERVICE
from drawbridge.contracts.topology import (
    DELIVERY_LIMIT,
    PARKED_QUEUE,
    TOPOLOGY,
    Binding,
    OutsideConsumer,
    Queue,
)
from tests.contract.messages.sampling import contract_messages

EVENT_TYPES = [name for name, model in contract_messages().items() if issubclass(model, Event)]
COMMAND_TYPES = [name for name, model in contract_messages().items() if issubclass(model, Command)]


def _matches(pattern: str, key: str) -> bool:
    """A topic pattern as we use it: exact, or a prefix with ``#``."""
    return key.startswith(pattern[:-1]) if pattern.endswith("#") else pattern == key


def _takers(exchange: str, key: str) -> list[str]:
    return [
        queue.name
        for queue in TOPOLOGY.queues
        if any(each.exchange == exchange and _matches(each.key, key) for each in queue.bindings)
    ]


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_event_reaches_the_gateway(event_type: str) -> None:
    assert "gateway.events" in _takers(EVENTS, event_type)


@pytest.mark.parametrize("command_type", COMMAND_TYPES)
def test_every_command_reaches_exactly_the_service_that_it_asks(command_type: str) -> None:
    model = contract_messages()[command_type]
    assert issubclass(model, Command)
    asked = SERVICES if model.TO == EVERY_SERVICE else (model.TO,)
    assert _takers(COMMANDS, model.TO) == [f"{service}.commands" for service in asked]


def test_the_public_door_leads_to_the_reprocess_queue() -> None:
    assert _takers(PUBLIC, "reprocess") == ["drawbridge.reprocess"]


def test_event_bindings_name_events_that_exist() -> None:
    keys = {each.key for queue in TOPOLOGY.queues for each in queue.bindings if each.exchange == EVENTS}
    assert keys - {"drawbridge.#"} <= set(EVENT_TYPES)


@pytest.mark.parametrize("queue", TOPOLOGY.queues, ids=lambda queue: queue.name)
def test_queues_are_quorum_queues_and_park_at_least_once(queue: Queue) -> None:
    assert queue.arguments["x-queue-type"] == "quorum"
    if queue.name == PARKED_QUEUE:
        assert "x-dead-letter-exchange" not in queue.arguments
        return
    assert queue.arguments["x-delivery-limit"] == DELIVERY_LIMIT
    assert queue.arguments["x-dead-letter-exchange"] == DEAD
    assert queue.arguments["x-dead-letter-strategy"] == "at-least-once"
    assert queue.arguments["x-overflow"] == "reject-publish"


def test_every_binding_is_to_an_exchange_that_is_declared() -> None:
    declared = {exchange.name for exchange in TOPOLOGY.exchanges}
    assert {each.exchange for queue in TOPOLOGY.queues for each in queue.bindings} == declared


def test_an_outside_consumer_gets_a_queue_of_its_own() -> None:
    topology = TOPOLOGY.with_outside([OutsideConsumer("clerk", ("drawbridge.invoice.processed.v1",))])
    queue = topology.queues[-1]
    assert queue.name == "outside.clerk"
    assert queue.bindings == (Binding(EVENTS, "drawbridge.invoice.processed.v1"),)
    assert topology.queues[:-1] == TOPOLOGY.queues
