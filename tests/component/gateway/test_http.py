"""HTTP conventions: keys, problem documents, correlation ids, limits; commit before the answer."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.settings import Settings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.opening import open_database
from drawbridge.gateway.usecases.tools import Tools
from tests.factories.gateway import KEY, VAULT, Door, choices, refusal


async def test_every_route_asks_for_the_key(door: Door) -> None:
    document = (await door.client.get("/openapi.json")).json()
    door.client.headers.pop("Authorization")
    asked = 0
    for path, methods in document["paths"].items():
        for method in methods:
            response = await door.client.request(method, re.sub(r"{[^}]*}", str(UUID(int=1)), path))
            assert response.status_code == 401, (method, path)
            asked += 1
    assert asked > 30


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer ", "Bearer \xe4\xf6"])
async def test_a_wrong_key_is_401_without_a_hint(door: Door, header: str | None) -> None:
    door.client.headers.pop("Authorization")
    headers = [(b"authorization", header.encode("latin-1"))] if header else []
    response = await door.client.get("/v1/vaults", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert KEY not in response.text


async def test_errors_are_problem_documents(door: Door) -> None:
    cases = [
        (await door.client.get("/nowhere"), 404, "not_found"),
        (await door.client.delete("/v1/vaults"), 405, "method_not_allowed"),
        (await door.client.get("/v1/vaults/UPPER"), 422, "invalid_request"),
        (await door.client.put(f"/v1/vaults/{VAULT}", content=b"{"), 422, "invalid_request"),
    ]
    for response, status, code in cases:
        problem = response.json()
        assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["advice"]
        assert problem["correlation_id"] == response.headers["X-Correlation-Id"]


async def test_a_usable_correlation_id_is_kept_and_an_unusable_one_replaced(door: Door) -> None:
    kept = await door.client.get("/v1/vaults", headers={"X-Correlation-Id": "story-1"})
    assert kept.headers["X-Correlation-Id"] == "story-1"
    replaced = await door.client.get("/v1/vaults", headers={"X-Correlation-Id": "no spaces allowed"})
    assert "no spaces" not in replaced.headers["X-Correlation-Id"]


async def test_a_body_over_the_limit_is_413_announced_or_not(door: Door) -> None:
    large = b"[" + b"1," * 600_000 + b"1]"

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for content in (large, chunks()):
        response = await door.client.put(f"/v1/vaults/{VAULT}", content=content)
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_a_commit_that_fails_is_never_answered_as_accepted(door: Door) -> None:
    async with door.database.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE FUNCTION gateway.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$"
            )
        )
        await connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON gateway.vaults "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gateway.refuse()"
            )
        )
    with capture_logs() as logs:
        response = await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="Other"))
    assert "http.failed" in [line["event"] for line in logs]
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "refused at commit" not in response.text
    assert (await door.get(""))["settings"]["name"] == "Main"


async def test_a_lost_database_is_503_with_a_hint_when_to_repeat(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")})
    database = open_database(away)
    app = create_app(Tools(database, OperationBell(database)), key=SecretStr(KEY))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    client = httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)
    async with client:
        with capture_logs() as logs:
            response = await client.get("/v1/vaults")
    assert "http.failed" in [line["event"] for line in logs]
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "2"
    await database.dispose()


async def test_waiting_goes_on_while_the_listening_connection_is_lost(door: Door) -> None:
    bell = OperationBell(door.database)
    operation_id = UUID((await door.post("/invoices")).json()["id"])
    assert await bell.ended(operation_id, 0.1) is False

    async def close() -> None:
        await door.tell(refusal(operation_id))

    closing = asyncio.create_task(close())
    assert await bell.ended(operation_id, 5) is True
    await closing


async def test_openapi_describes_every_route_with_its_errors(door: Door) -> None:
    document = (await door.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "ProblemDetails" in document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            assert "401" in operation["responses"], (path, method)
            assert "HTTPValidationError" not in str(operation["responses"])
    assert (await door.client.get("/docs")).status_code == 200


async def test_a_method_that_is_not_there_names_those_that_are(door: Door) -> None:
    for method, path, allowed in (
        ("OPTIONS", f"/v1/vaults/{VAULT}", "GET, PATCH, PUT"),
        ("GET", "/v1/parked/replay", "POST"),
        ("DELETE", "/v1/snapshots", "GET, POST"),
    ):
        answer = await door.client.request(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed), path


async def test_bodies_are_taken_as_they_are_described_and_no_other(door: Door) -> None:
    vault = f"/v1/vaults/{VAULT}"
    for method, path, body in (
        ("POST", f"{vault}/jobs/check_backfill/runs", {"dry_run": "true"}),
        ("POST", f"{vault}/jobs/check_backfill/runs", {"dryrun": True}),
        ("POST", f"{vault}/reprocess", {"requisition_ids": ["7"]}),
        ("POST", "/v1/keys", {"name": "late", "expires_at": 4102444800}),
        ("PATCH", vault, {"active": "yes"}),
        ("PATCH", vault, {"name": None}),
    ):
        answer = await door.client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (path, body)
    plain = {"Content-Type": "text/plain"}
    answer = await door.client.put("/v1/me/preferences/grid", content=b"null", headers=plain)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")
    whole = {"requisition_ids": [7.0]}
    assert (await door.client.post(f"{vault}/reprocess", json=whole)).status_code == 202
