"""API keys: shown once, stored as a hash, rotated with a grace time, revoked, expired, last used."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from drawbridge.gateway.store.identity_tables import ApiKeyRow
from drawbridge.gateway.store.tables import table
from drawbridge.runtime import utc_now
from tests.factories.gateway import VAULT, Door
from tests.factories.identity import bearer


async def _made(door: Door, **body: object) -> dict[str, Any]:
    answer = await door.client.post("/v1/keys", json={"name": "erp", "roles": {VAULT: "viewer"}, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _status(door: Door, key: str) -> int:
    return (await door.client.get(f"/v1/vaults/{VAULT}", headers=bearer(key))).status_code


async def _set(door: Door, **values: object) -> None:
    async with door.database.transaction() as tx:
        await tx.session.execute(update(table(ApiKeyRow)).values(**values))


async def test_a_key_works_is_shown_once_and_stored_as_a_hash(door: Door) -> None:
    with capture_logs() as logs:
        made = await _made(door)
        assert await _status(door, made["key"]) == 200
    secret = made["key"].split("_", 2)[2]
    assert secret not in str(logs)
    for path in ("/v1/keys", f"/v1/keys/{made['id']}", "/v1/audit"):
        answer = await door.client.get(path)
        assert answer.status_code == 200
        assert secret not in answer.text
    async with door.database.reading() as session:
        for name in ("api_keys", "audit", "answers", "outbox"):
            rows = await session.execute(select(text("t::text")).select_from(text(f"gateway.{name} t")))
            assert secret not in str(rows.scalars().all())


async def test_a_wrong_secret_or_id_is_refused(door: Door) -> None:
    key = (await _made(door))["key"]
    swapped = "A" if key[-2] != "A" else "B"
    wrong = [
        key[:-2] + swapped + key[-1],
        key[:-1],
        f"{key}x",
        key.upper(),
        f"dbk_{'0' * 16}_{'A' * 43}",
        "dbk__",
    ]
    for each in wrong:
        assert await _status(door, each) == 401, each


async def test_a_rotated_key_has_a_new_secret_and_the_old_one_for_the_grace_time(door: Door) -> None:
    made = await _made(door)
    path = f"/v1/keys/{made['id']}/rotate"
    rotated = (await door.client.post(path, json={"grace_seconds": 3600})).json()
    assert rotated["key"] != made["key"]
    assert [await _status(door, each["key"]) for each in (made, rotated)] == [200, 200]
    await _set(door, previous_until=utc_now() - timedelta(seconds=1))
    assert [await _status(door, each["key"]) for each in (made, rotated)] == [401, 200]
    again = (await door.client.post(path)).json()
    assert [await _status(door, each["key"]) for each in (rotated, again)] == [401, 200]


async def test_a_revoked_key_is_refused_at_once_and_stays_so(door: Door) -> None:
    made = await _made(door)
    path = f"/v1/keys/{made['id']}"
    await door.client.post(f"{path}/rotate", json={"grace_seconds": 3600})
    revoked = (await door.client.post(f"{path}/revoke")).json()
    assert revoked["revoked_by"] == "operator"
    assert (await door.client.post(f"{path}/revoke")).json() == revoked
    assert await _status(door, made["key"]) == 401
    assert (await door.client.post(f"{path}/rotate")).json()["code"] == "key_revoked"


async def test_an_expired_key_is_refused_with_the_reason(door: Door) -> None:
    made = await _made(door, expires_at=(utc_now() + timedelta(hours=1)).isoformat())
    assert await _status(door, made["key"]) == 200
    await _set(door, expires_at=utc_now() - timedelta(seconds=1))
    answer = await door.client.get("/v1/me", headers=bearer(made["key"]))
    assert (answer.status_code, answer.json()["detail"]) == (401, "This key has expired.")
    past = (utc_now() - timedelta(hours=1)).isoformat()
    answer = await door.client.post("/v1/keys", json={"name": "late", "expires_at": past})
    assert (answer.status_code, answer.json()["code"]) == (422, "already_expired")


async def test_the_last_use_is_known_to_the_minute(door: Door) -> None:
    made = await _made(door)
    async with door.database.reading() as session:
        assert (await session.execute(select(table(ApiKeyRow).c.last_used_at))).scalar_one() is None
    await _status(door, made["key"])
    used = (await door.client.get(f"/v1/keys/{made['id']}")).json()["last_used_at"]
    assert used is not None
    await _status(door, made["key"])
    assert (await door.client.get(f"/v1/keys/{made['id']}")).json()["last_used_at"] == used


async def test_names_are_taken_for_ever(door: Door) -> None:
    made = await _made(door)
    await door.client.post(f"/v1/keys/{made['id']}/revoke")
    answer = await door.client.post("/v1/keys", json={"name": "erp"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_name_taken")


async def test_every_change_of_a_key_is_in_the_audit_trail(door: Door) -> None:
    made = await _made(door)
    await door.client.post(f"/v1/keys/{made['id']}/rotate")
    await door.client.post(f"/v1/keys/{made['id']}/revoke")
    lines = (await door.client.get("/v1/audit")).json()["items"][:3]
    assert [line["action"] for line in lines] == ["revoke_key", "rotate_key", "create_key"]
    assert {line["subject"] for line in lines} == {f"key/{made['id']}"}
    assert {line["address"] for line in lines} == {"127.0.0.1"}
