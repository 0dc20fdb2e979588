"""The door for Procore's webhooks: proved in constant time, passed on once, always answered soon."""

import json

import httpx
import pytest
from sqlalchemy import text

from tests.factories.gateway import COMPANY, PROJECT, REQUISITION, VAULT, Door, choices

SECRET = "made-up-authorization"
HOOK = f"/v1/webhooks/procore/{VAULT}"
PAYLOAD = {
    "id": "01JNZ4Y3Q8G5R7T9V2X6B1C0DE",
    "timestamp": "2026-03-31T14:05:09Z",
    "reason": "update",
    "company_id": str(COMPANY),
    "project_id": str(PROJECT),
    "user_id": "5",
    "resource_type": "Draw Requests",
    "resource_id": str(REQUISITION),
}


@pytest.fixture(autouse=True)
async def _hooked(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_PROCORE_WEBHOOK", SECRET)
    body = choices()
    body["procore"] |= {"webhook_authorization": "env:DRAWBRIDGE_SECRET_PROCORE_WEBHOOK"}
    answer = await door.client.put(f"/v1/vaults/{VAULT}", json=body)
    assert answer.is_success, answer.text


async def _post(door: Door, payload: object, authorization: str = SECRET) -> tuple[int, str]:
    answer = await door.client.post(HOOK, json=payload, headers={"Authorization": authorization})
    return answer.status_code, answer.json().get("status")


async def _hints(door: Door) -> list[dict[str, object]]:
    async with door.database.reading() as session:
        rows = await session.execute(
            text("SELECT payload FROM outbox WHERE type = 'drawbridge.procore-change.follow.requested.v1'")
        )
        return [json.loads(row.payload) for row in rows]


async def test_an_event_is_passed_on_once_however_often_it_comes(door: Door) -> None:
    assert await _post(door, PAYLOAD) == (202, "accepted")
    assert await _post(door, PAYLOAD) == (202, "repeated")
    assert await _post(door, PAYLOAD | {"id": "01JNZ4Y3Q8G5R7T9V2X6B1C0DF"}) == (202, "accepted")
    hints = await _hints(door)
    assert [each["event_id"] for each in hints] == [PAYLOAD["id"], "01JNZ4Y3Q8G5R7T9V2X6B1C0DF"]
    assert hints[0] | {"event_id": ""} == {
        "vault_id": VAULT,
        "event_id": "",
        "resource": "Draw Requests",
        "resource_id": REQUISITION,
        "project_id": PROJECT,
        "reason": "update",
        "user_id": 5,
        "application_id": None,
        "happened_at": "2026-03-31T14:05:09Z",
    }


@pytest.mark.parametrize("authorization", ["", "wrong", f"Bearer {SECRET}", SECRET[:-1], "é"])
async def test_without_the_right_authorization_nothing_is_passed_on(door: Door, authorization: str) -> None:
    headers = httpx.Headers({"Authorization": authorization}, encoding="latin-1")
    answer = await door.client.post(HOOK, json=PAYLOAD, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert SECRET not in answer.text
    assert await _hints(door) == []


async def test_an_unknown_hook_and_one_without_a_secret_are_told_apart_by_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await door.client.post(HOOK, json=PAYLOAD, headers={"Authorization": "wrong"})
    unknown = await door.client.post(
        "/v1/webhooks/procore/nobody", json=PAYLOAD, headers={"Authorization": SECRET}
    )
    monkeypatch.delenv("DRAWBRIDGE_SECRET_PROCORE_WEBHOOK")
    secretless = await door.client.post(HOOK, json=PAYLOAD, headers={"Authorization": SECRET})
    bodies = [each.json() | {"correlation_id": ""} for each in (known, unknown, secretless)]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("payload", [[], {}, PAYLOAD | {"resource_id": None}, PAYLOAD | {"company_id": "7"}])
async def test_what_is_about_nothing_of_ours_is_answered_well_so_that_procore_does_not_pause_the_hook(
    door: Door, payload: object
) -> None:
    assert await _post(door, payload) == (202, "ignored")
    assert await _hints(door) == []


async def test_a_body_that_is_no_json_is_answered_well_too_and_one_that_is_too_large_is_not(
    door: Door,
) -> None:
    headers = {"Authorization": SECRET}
    answer = await door.client.post(HOOK, content=b"\xff{", headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"status": "ignored"})
    answer = await door.client.post(HOOK, content=b" " * (2**20 + 1), headers=headers)
    assert answer.status_code == 413
