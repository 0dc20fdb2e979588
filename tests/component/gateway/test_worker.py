"""The worker on a real broker: events in, commands out, parked messages kept and replayed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from drawbridge.contracts.message import DEAD, EVENTS, Message
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.gateway.settings import Settings
from drawbridge.messaging import OutsideMessage, consume, publish
from tests.factories.gateway import REQUISITION, VAULT, Door, choices, imported, project_state, row_state
from tests.factories.waiting import looked

REASONS = {
    "drawbridge-queue": "import-service.commands",
    "drawbridge-code": "invalid_message",
    "drawbridge-reason": "The message does not have the shape of its type.",
    "drawbridge-advice": "Correct the sender.",
    "drawbridge-parked-at": "2026-03-01T08:00:00+00:00",
}


async def _tell(url: str, message: Message, cause: str | None = None) -> None:
    headers = {"causation-id": cause} if cause else {}
    await publish(url, EVENTS, message.TYPE, message.encode(), headers=headers, type=message.TYPE)


@asynccontextmanager
async def _reading(url: str, queue: str) -> AsyncIterator[asyncio.Queue[OutsideMessage]]:
    taken: asyncio.Queue[OutsideMessage] = asyncio.Queue()
    stop = asyncio.Event()
    reading = asyncio.create_task(consume(url, queue, taken.put, stop))
    yield taken
    stop.set()
    await reading


async def _parked(door: Door, number: int = 1) -> list[dict[str, object]]:
    async def listed() -> list[dict[str, object]]:
        found: list[dict[str, object]] = (await door.client.get("/v1/parked")).json()["items"]
        return found

    await looked(listed, lambda found: len(found) >= number)
    return await listed()


async def test_a_click_reaches_its_owner_and_the_answer_comes_back(door: Door, worker: str) -> None:
    row = f"/v1/vaults/{VAULT}/procore-invoices/{REQUISITION}"
    await _tell(worker, row_state())
    async with asyncio.timeout(30), _reading(worker, "import-service.commands") as commands:
        await looked(lambda: door.client.get(row), lambda response: response.is_success)

        async def owner() -> None:
            command = await commands.get()
            await _tell(worker, imported(), command.id)

        answering = asyncio.create_task(owner())
        response = await door.client.post(f"{row}/import")
        await answering
    assert (response.status_code, response.json()["status"]) == (200, "done")


async def test_settings_are_told_at_start_and_on_change(door: Door, worker: str) -> None:
    async with asyncio.timeout(30), _reading(worker, "cloud-service.events") as events:
        told = [json.loads((await events.get()).body)["version"] for _ in range(2)]
        assert told == [1, 1]
        await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="Other"))
        assert json.loads((await events.get()).body)["version"] == 2


async def test_an_unreadable_event_is_kept_with_its_reason_and_others_go_on(door: Door, worker: str) -> None:
    kind = ProjectState.TYPE
    await publish(worker, EVENTS, kind, b'{"token": "s3cret"', type=kind)
    await _tell(worker, project_state())
    (message,) = await _parked(door)
    assert (message["queue"], message["type"]) == ("gateway.events", kind)
    assert "s3cret" not in str(message)
    assert len((await door.get("/projects"))["items"]) == 1


async def test_a_parked_command_marks_its_operation_until_its_replay(door: Door, worker: str) -> None:
    async with asyncio.timeout(30), _reading(worker, "import-service.commands") as commands:
        operation_id = (await door.post("/invoices")).json()["id"]
        first = await commands.get()
        headers = {**first.headers, **REASONS}
        await publish(worker, DEAD, "", first.body, message_id=first.id, headers=headers, type=first.type)
        (message,) = await _parked(door)
        assert (await door.operation(operation_id))["status"] == "parked"
        replayed = await door.client.post(
            f"/v1/parked/{message['id']}/replay", json={"reason": "The service was mended."}
        )
        assert (replayed.status_code, replayed.json()["state"]) == (200, "replayed")
        second = await commands.get()
    assert (second.id, second.type, second.body) == (first.id, first.type, first.body)
    assert not set(second.headers) & set(REASONS)
    assert (await door.operation(operation_id))["status"] == "queued"
    again = await door.client.post(f"/v1/parked/{message['id']}/discard", json={"reason": "No."})
    assert (again.status_code, again.json()["code"]) == (409, "already_replayed")


async def test_a_message_parked_twice_is_kept_twice_and_a_repeat_once(door: Door, worker: str) -> None:
    message_id = str(uuid4())
    later = REASONS | {"drawbridge-parked-at": "2026-03-01T09:00:00+00:00"}
    for headers in (REASONS, REASONS, later):
        await publish(worker, DEAD, "", b"{}", message_id=message_id, headers=headers)
    assert len(await _parked(door, 2)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe",
        b"[" * 100_000,
        b"NaN",
        b'{"a": NaN, "b": 1e999, "c": "\\u0000", "d": "\\ud800"}',
        b'"' + b"x" * 200_000 + b'"',
        b"1" * 10_000,
    ],
)
async def test_whatever_is_parked_is_kept(door: Door, worker: str, body: bytes) -> None:
    await publish(worker, DEAD, "", body, message_id=f"odd \x00 {uuid4()}", headers={"h": "\x00", "n": 1.5})
    (message,) = await _parked(door)
    assert message["queue"] == ""
    refused = await door.client.post(f"/v1/parked/{message['id']}/replay", json={"reason": "Try."})
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_queue")
    discarded = await door.client.post(f"/v1/parked/{message['id']}/discard", json={"reason": "Rubbish."})
    assert discarded.json()["settled_by"] == "operator"
    listed = (await door.client.get("/v1/parked?state=discarded")).json()["items"]
    assert [each["settled_reason"] for each in listed] == ["Rubbish."]


async def test_the_brokers_own_parking_names_queue_and_reason(door: Door, worker: str) -> None:
    headers = {"x-first-death-queue": "import-service.commands", "x-first-death-reason": "delivery_limit"}
    await publish(worker, DEAD, "", b"{}", headers=headers)
    (message,) = await _parked(door)
    assert message["queue"] == "import-service.commands"
    assert message["problem"] == {
        "code": "delivery_limit",
        "message": "No handler could finish this message within the broker's delivery limit.",
        "advice": "Look into the log of the service that reads the queue; replay it once the cause is gone.",
    }


async def test_waiting_survives_a_cut_listening_connection(
    door: Door, worker: str, settings: Settings
) -> None:
    admin = await asyncpg.connect(settings.database_url.get_secret_value())
    ours = "application_name = 'gateway gateway_operations' AND datname = current_database()"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"  # noqa: S608  # constants
    assert await admin.fetchval(cut) is True
    await admin.close()
    async with asyncio.timeout(30), _reading(worker, "import-service.commands") as commands:

        async def owner() -> None:
            command = await commands.get()
            await _tell(worker, imported(), command.id)

        answering = asyncio.create_task(owner())
        response = await door.post("/invoices", wait=5)
        await answering
    assert response.json()["status"] == "done"
