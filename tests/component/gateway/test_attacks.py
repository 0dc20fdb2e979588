"""What an attacker sends: all of it is refused, nothing of it is done, and no secret is logged or told."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from tests.factories.gateway import KEY, REQUISITION, VAULT, Door, choices, imported, row_state
from tests.factories.identity import bearer

SQL = (
    "' OR '1'='1",
    "'; DROP TABLE gateway.vaults; --",
    "1) UNION SELECT secret_hash FROM gateway.api_keys --",
    "\\'; SELECT pg_sleep(30); --",
    "%' AND 1=1 --",
    "${jndi:ldap://127.0.0.1/a}",
)
_OPERATOR = (b"Authorization", f"Bearer {KEY}".encode())
UNSTORABLE = ("\x00", "a\x00b", "abc\x00")


@pytest_asyncio.fixture
async def keys(door: Door) -> AsyncIterator[dict[str, str]]:
    """Keys of two clerks in one vault, and of an admin of another vault."""
    await door.client.put("/v1/vaults/north", json=choices(projects=[1]))
    may = {"anna": {VAULT: "processor"}, "ben": {VAULT: "processor"}, "nora": {"north": "admin"}}
    made = {}
    for name, roles in may.items():
        answer = await door.client.post("/v1/keys", json={"name": name, "roles": roles})
        made[name] = answer.json()["key"]
    yield made


async def _tables(door: Door) -> list[int]:
    async with door.database.reading() as session:
        counts = []
        for name in ("vaults", "api_keys", "invoices", "procore_invoices"):
            counting = await session.execute(select(func.count()).select_from(text(f"gateway.{name}")))
            counts.append(counting.scalar_one())
        return counts


def _text_parameters(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, parameter) of every parameter in a path or a query."""
    return [
        (method, path, parameter)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] in {"path", "query"}
    ]


def _filled(path: str, **given: str) -> str:
    """The path with ids that are there where there can be any."""
    ids = {"vault_id": VAULT, "requisition_id": str(REQUISITION), "job": "check_backfill"} | given
    return re.sub(r"{(\w+)}", lambda found: ids.get(found[1], str(uuid4())), path)


async def test_sql_in_every_parameter_is_a_value_or_refused(door: Door) -> None:
    await door.tell(row_state(), imported(version=2))
    before = await _tables(door)
    document = (await door.client.get("/openapi.json")).json()
    tried = 0
    for number, (method, path, parameter) in enumerate(_text_parameters(document)):
        if method != "get" or (path.endswith("/events") and parameter["name"] != "after"):
            continue
        attack = (*SQL, *UNSTORABLE)[number % (len(SQL) + len(UNSTORABLE))]
        ids = {}
        if parameter["in"] == "path":
            ids[parameter["name"]] = httpx.QueryParams({"x": attack})["x"].replace("/", "%2F")
        filled = _filled(path, **ids)
        query = {parameter["name"]: attack} if parameter["in"] == "query" else {}
        answer = await door.client.get(httpx.URL(filled.replace("\x00", "%00")), params=query)
        assert answer.status_code in {200, 404, 422}, (path, parameter["name"], attack, answer.text)
        assert "syntax" not in answer.text
        tried += 1
    assert tried > 40
    for words in (*SQL, "abc\x00"):
        answer = await door.client.get(
            f"/v1/vaults/{VAULT}/procore-invoices", params={"q": words, "range": "all"}
        )
        assert answer.status_code in {200, 422}, (words, answer.text)
        assert answer.json().get("items", []) == []
    assert await _tables(door) == before


def _texts(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The members of a body that are text of any kind."""
    if "$ref" in schema:
        return _texts(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    members = schema.get("properties", {})
    return [name for name, each in members.items() if '"string"' in json.dumps(each)]


async def test_sql_in_every_text_of_every_body_is_a_value_or_refused(door: Door) -> None:
    await door.tell(row_state(), imported(version=2))
    before = await _tables(door)
    document = (await door.client.get("/openapi.json")).json()
    tried = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name in _texts(content.get("schema", {}), document):
                attack = (*SQL, *UNSTORABLE)[tried % (len(SQL) + len(UNSTORABLE))]
                schema = content["schema"].get("$ref", "").rpartition("/")[2]
                examples = document["components"]["schemas"].get(schema, {}).get("examples", [{}])
                answer = await door.client.request(
                    method, _filled(path), json=examples[0] | {name: attack}, headers={"Prefer": "wait=0"}
                )
                assert answer.status_code < 500, (path, name, attack, answer.text)
                assert "syntax" not in answer.text
                tried += 1
    assert tried > 20
    after = await _tables(door)
    assert [new - old for old, new in zip(before, after, strict=True)][2:] == [0, 0]
    assert after[0] >= before[0]


async def test_sql_in_bodies_is_stored_as_text(door: Door) -> None:
    for attack in SQL:
        body = {"subject": attack, "role": "viewer"}
        assert (await door.client.post(f"/v1/vaults/{VAULT}/grants", json=body)).status_code == 200
    listed = (await door.client.get(f"/v1/vaults/{VAULT}/grants")).json()["items"]
    assert {each["subject"] for each in listed} == set(SQL)
    for unstorable in UNSTORABLE:
        answer = await door.client.put("/v1/vaults/odd", json=choices(name=unstorable, projects=[2]))
        assert answer.status_code == 422, answer.text
    half = b'{"subject": "\\ud800", "role": "viewer"}'
    answer = await door.client.post(f"/v1/vaults/{VAULT}/grants", content=half)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/vaults/{VAULT}/../north",
        f"/v1/vaults/{VAULT}%2F..%2Fnorth",
        "/v1/vaults/..%2f..%2fetc%2fpasswd",
        f"/v1//vaults/{VAULT}",
        f"//v1/vaults/{VAULT}",
        f"/v1/vaults/{VAULT}/.%2e/north",
        f"/v1/vaults/{VAULT}%00",
        f"/v1/vaults/{VAULT};north",
        f"/V1/VAULTS/{VAULT.upper()}",
    ],
)
async def test_path_tricks_lead_nowhere(door: Door, keys: dict[str, str], path: str) -> None:
    raw = httpx.URL("http://gateway").copy_with(raw_path=path.encode())
    request = door.client.build_request("GET", raw, headers=bearer(keys["anna"]))
    answer = await door.client.send(request, follow_redirects=False)
    assert answer.status_code in {404, 405, 422}, (path, answer.text)
    assert "Main" not in answer.text


async def test_ids_of_another_vault_lead_nowhere(door: Door, keys: dict[str, str]) -> None:
    state = imported()
    await door.tell(state)
    nora = bearer(keys["nora"])
    for tail in (
        f"invoices/{state.invoice.id}",
        f"invoices/{state.invoice.id}/source",
        f"procore-invoices/{REQUISITION}",
        f"procore-invoices/{REQUISITION}/history",
    ):
        own = await door.client.get(f"/v1/vaults/north/{tail}", headers=nora)
        other = await door.client.get(f"/v1/vaults/{VAULT}/{tail}", headers=nora)
        assert (own.status_code, other.status_code) == (404, 404), tail
        assert other.json()["code"] == "vault_not_found"
    answer = await door.client.post(
        f"/v1/vaults/north/invoices/{state.invoice.id}/process", headers={**nora, "If-Match": '"2"'}
    )
    assert answer.status_code == 404
    open_one = await door.client.get(
        "/v1/vaults/north/procore-invoices", params={"open_invoice_id": str(state.invoice.id)}, headers=nora
    )
    assert open_one.json()["items"] == []


async def test_another_caller_does_not_get_what_an_idempotency_key_stored(
    door: Door, keys: dict[str, str]
) -> None:
    path, once = f"/v1/vaults/{VAULT}/invoices", {"Idempotency-Key": "guessed", "Prefer": "wait=0"}
    first = await door.client.post(path, headers={**bearer(keys["anna"]), **once})
    repeated = await door.client.post(path, headers={**bearer(keys["anna"]), **once})
    stolen = await door.client.post(path, headers={**bearer(keys["ben"]), **once})
    assert repeated.json()["id"] == first.json()["id"]
    assert stolen.json()["id"] != first.json()["id"]
    assert (stolen.json()["created_by"], "Idempotent-Replayed" in stolen.headers) == ("key:ben", False)
    hidden = await door.client.post(path, headers={**bearer(keys["nora"]), **once})
    assert (hidden.status_code, hidden.json()["code"]) == (404, "vault_not_found")


@pytest.mark.parametrize("depth", [50, 900, 5_000, 100_000, 500_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
async def test_deep_json_is_refused(door: Door, depth: int, opening: bytes, closing: bytes) -> None:
    body = opening * depth + b"1" + closing * depth
    for path in (f"/v1/vaults/{VAULT}/reprocess", "/v1/snapshots"):
        answer = await door.client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 413, 422}, answer.text[:200]
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await door.client.put(
        f"/v1/vaults/{VAULT}", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 413, 422}, answer.text[:200]


async def test_headers_cannot_be_injected(door: Door) -> None:
    for value in ("a\r\nSet-Cookie: x=1", "a%0d%0aSet-Cookie:%20x=1", "é", "x" * 5000):
        answer = await door.client.get(
            "/v1/vaults", headers=[(b"X-Correlation-Id", value.encode("latin-1")), _OPERATOR]
        )
        assert "set-cookie" not in answer.headers
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Correlation-Id"])
    await door.tell(row_state(requisition_id=1), row_state(requisition_id=2))
    path = f"/v1/vaults/{VAULT}/procore-invoices?range=all&limit=1&q=&x=%0d%0aSet-Cookie:%20x=1"
    answer = await door.client.get(path)
    assert "\n" not in answer.headers["Link"]
    assert "set-cookie" not in answer.headers


async def test_no_secret_is_logged_or_told_whatever_is_refused(door: Door, keys: dict[str, str]) -> None:
    wrong = f"dbk_{'0' * 16}_{'S3cret' * 7}x"
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.S3cretSignature"
    with capture_logs() as logs:
        answers = [
            await door.client.get("/v1/vaults", headers=bearer(credential))
            for credential in (wrong, forged, f"{KEY}x", "S3cret", *keys.values())
        ]
        answers.append(await door.client.get("/v1/vaults", headers={"Authorization": "Basic UzNjcmV0"}))
        nobody = {"Authorization": ""}
        path = f"/v1/vaults/{VAULT}/events?ticket=S3cretTicket"
        answers.append(await door.client.get(path, headers=nobody))
    assert [each.status_code for each in answers] == [401] * 4 + [200] * 3 + [401] * 2
    written = f"{logs} {[each.text for each in answers]} {[each.headers for each in answers]}"
    for secret in ("S3cret", KEY, "UzNjcmV0", *(key.split("_", 2)[2] for key in keys.values())):
        assert secret not in written


async def test_who_guesses_credentials_is_slowed_down_and_nobody_else(door: Door) -> None:
    path = "/v1/vaults"
    assert (await door.client.get(path)).status_code == 200
    statuses: list[int] = []
    while 429 not in statuses and len(statuses) < 200:
        answer = await door.client.get(path, headers=bearer("a-guess"))
        statuses.append(answer.status_code)
    assert set(statuses) == {401, 429}
    assert len(statuses) > 10
    assert (answer.json()["code"], int(answer.headers["Retry-After"])) == ("too_many_requests", 1)
    assert (await door.client.get(path)).status_code == 200


async def test_every_answer_carries_the_security_headers(door: Door) -> None:
    for path in ("/v1/vaults", "/nowhere", "/openapi.json", "/docs"):
        headers = (await door.client.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert "server" not in headers
