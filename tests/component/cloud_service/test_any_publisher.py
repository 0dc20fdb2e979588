"""Any publisher works: clients that nobody here wrote ask for a reprocess, in every documented form.

What they get wrong is parked with a reason, and what is good behind it goes on.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.contracts.topology import REPROCESS_QUEUE
from drawbridge.persistence import Database
from drawbridge.testkit.servers import Server
from tests.factories.amqp_clients import amqp_publish, have_amqp_publish, http_publish
from tests.factories.cloud import BIG, World, refusal, request_body, row_state, vault_state
from tests.factories.core import count
from tests.factories.waiting import becomes, eventually

type Send = Callable[[bytes], Awaitable[None]]

EVENT = {"ce-specversion": "1.0", "ce-id": "april-17", "ce-source": "erp", "ce-type": ReprocessRequested.TYPE}
STRUCTURED = "application/cloudevents+json"
NANOSECONDS = 1_700_000_000_000_000_000
GOOD = 60
"""Good requests before the bad ones, and as many after them."""
AT_ONCE = 10


@pytest.fixture(scope="module", autouse=True)
def _client() -> None:
    have_amqp_publish()


@pytest.fixture
def management(rabbitmq_server: Server) -> str:
    assert rabbitmq_server.management_url is not None
    return rabbitmq_server.management_url


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


async def _known_vault(world: World) -> None:
    await world.tell(vault_state())
    await eventually(lambda: any(seen.type == "drawbridge.vault.problems.v1" for seen in world.events))


async def _finish(world: World, number: int) -> None:
    """Play import-service: the requisition of the command of this number is imported."""
    seen, command = world.asked()[number]
    done = row_state(version=2, import_state="imported", requisition_id=command.requisition_id)
    await world.tell(done, cause=seen.id)


async def test_every_form_of_every_client_is_taken(world: World, management: str) -> None:
    await _known_vault(world)
    structured = {name.removeprefix("ce-"): value for name, value in EVENT.items() if name != "ce-id"} | {
        "id": "april-18",
        "data": request_body(BIG + 3),
    }
    await amqp_publish(world.url, _json(request_body(BIG)))
    await amqp_publish(world.url, _json(request_body(BIG + 1)), exchange="", routing_key=REPROCESS_QUEUE)
    await amqp_publish(world.url, _json(request_body(BIG + 2)), headers=EVENT)
    await amqp_publish(world.url, _json(structured), "-C", STRUCTURED)
    await http_publish(management, world.url, _json(request_body(BIG + 4, requested_by="kim")))
    await eventually(lambda: len(world.asked()) == len(world.states()) == 5)
    heard = {state.requisition_id: (state.received_from, state.requested_by) for _, state in world.states()}
    assert heard == {
        BIG: ("outside", "outside"),
        BIG + 1: ("outside", "outside"),
        BIG + 2: ("erp", "erp"),
        BIG + 3: ("erp", "erp"),
        BIG + 4: ("outside", "kim"),
    }
    assert not world.parked


async def test_the_same_json_joins_while_unfinished_and_is_a_new_request_afterwards(world: World) -> None:
    await _known_vault(world)
    body = _json(request_body())
    await amqp_publish(world.url, body)
    await amqp_publish(world.url, body)
    await eventually(lambda: world.joins() and world.asked())
    assert len(world.asked()) == 1

    command_id = world.asked()[0][0].id
    assert command_id is not None
    await world.tell(refusal(command_id), cause=command_id)
    await eventually(lambda: world.last_status() == "refused")
    await amqp_publish(world.url, body)
    await eventually(lambda: len(world.asked()) == 2)
    await eventually(lambda: len({state.id for _, state in world.states()}) == 2)


async def test_the_same_event_is_one_request_however_often_it_is_sent(
    world: World, database: Database
) -> None:
    await _known_vault(world)
    for _ in range(3):
        await amqp_publish(world.url, _json(request_body()), headers=EVENT)
    await amqp_publish(world.url, _json(request_body(BIG + 1)))
    await eventually(lambda: len(world.asked()) == 2)
    assert await count(database, "requests") == 2
    assert not world.joins()


async def test_odd_properties_are_no_reason_to_refuse(world: World, management: str) -> None:
    await _known_vault(world)
    odd: list[dict[str, Any]] = [
        {"priority": 255, "expiration": "600000"},
        {"timestamp": NANOSECONDS // 1_000_000},
        {"type": "", "app_id": "", "reply_to": "", "content_type": "text/plain"},
        {"headers": {"note": "a\x00b", "many": [1, {"deep": True}], "big": 2**62}},
    ]
    for number, properties in enumerate(odd):
        await http_publish(management, world.url, _json(request_body(BIG + number)), properties)
    await amqp_publish(world.url, _json(request_body(BIG + 9)), "-H", b"note: \xff")
    await eventually(lambda: len(world.asked()) == len(odd) + 1)
    assert not world.parked


def _poison(world: World, management: str) -> list[tuple[str, bytes, Send]]:
    """Everything bad: the code that it is to be parked under, its body, and how it is sent."""

    def plain(*options: str | bytes, **headers: str) -> Send:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda body: amqp_publish(world.url, body, *options, headers=named)

    def odd(**properties: object) -> Send:
        return lambda body: http_publish(management, world.url, body, properties)

    good = _json(request_body())
    return [
        ("not_json", b"\xff\xfe\x00 rubbish", plain()),
        ("not_json", b"", plain()),
        ("wrong_members", _json(request_body() | {"requisition_id": "twelve"}), plain()),
        ("wrong_members", _json(request_body() | {"vault_id": 7}), plain()),
        ("not_an_object", _json([request_body()]), plain()),
        ("unknown_vault", _json(request_body(vault_id="nobody-knows-it")), plain()),
        ("too_large", _json(request_body(note="x" * 2**20)), plain()),
        (
            "too_deep",
            _json(request_body())[:-1] + b', "note": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            plain(),
        ),
        ("unknown_type", good, plain(**EVENT | {"ce-type": "invoice.paid"})),
        ("spec_version", good, plain(**EVENT | {"ce-specversion": "0.3"})),
        ("bad_data", _json({"specversion": "1.0", "type": ReprocessRequested.TYPE}), plain("-C", STRUCTURED)),
        ("batch", b"[]", plain("-C", "application/cloudevents-batch+json")),
        ("unreadable_properties", good, plain("-C", b"\xff\xfe")),
        ("unreadable_properties", good, plain("-H", b"\xff: header")),
        ("unreadable_properties", good, odd(timestamp=NANOSECONDS)),
        ("bad_id", good, odd(message_id="a\x00b")),
    ]


async def _let_patience_end(database: Database) -> None:
    """Make every request that waits for its vault six minutes older."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE work_items SET created_at = now() - interval '6 minutes'"))
        await connection.execute(text("UPDATE work_items SET next_attempt_at = now()"))


async def _send_good(world: World, start: int) -> None:
    """Many good requests, one a call.

    Not ``amqp-publish --line-buffered``: it asks for no confirms and hangs up at once, and then RabbitMQ 3.10
    may lose the end of the burst.
    """
    for first in range(start, start + GOOD, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        await asyncio.gather(*[amqp_publish(world.url, _json(request_body(BIG + n))) for n in numbers])


async def test_poison_is_parked_with_its_reason_and_does_not_block(
    world: World, database: Database, management: str
) -> None:
    await _known_vault(world)
    poison = _poison(world, management)
    await _send_good(world, 0)
    for _, body, send in poison:
        await send(body)
    await _send_good(world, GOOD)

    await eventually(lambda: len(world.asked()) == 2 * GOOD)
    await eventually(lambda: len(world.parked) == len(poison) - 1)
    await becomes(lambda: count(database, "work_items", "kind = 'await_vault'"), 1)
    await _let_patience_end(database)
    await eventually(lambda: len(world.parked) == len(poison))
    for start in range(0, 2 * GOOD, AT_ONCE):
        await asyncio.gather(*[_finish(world, number) for number in range(start, start + AT_ONCE)])
    done = {state.requisition_id for _, state in world.states() if state.status == "done"}
    async with asyncio.timeout(30):
        while len(done) < 2 * GOOD:
            await asyncio.sleep(0.05)
            done = {state.requisition_id for _, state in world.states() if state.status == "done"}

    print(f"R4 poison={len(poison)} parked={len(world.parked)} good={2 * GOOD} done={len(done)}")
    assert done == {BIG + number for number in range(2 * GOOD)}
    parked = sorted((str(seen.headers["drawbridge-code"]), seen.body) for seen in world.parked)
    assert parked == sorted((code, body) for code, body, _ in poison)
    assert all(
        seen.headers["drawbridge-reason"] and seen.headers["drawbridge-advice"] for seen in world.parked
    )
