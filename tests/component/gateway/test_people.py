"""People: tokens of an identity provider, with roles from claims and from grants, each the higher one."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from drawbridge.gateway.store.bell import OperationBell
from tests.factories.gateway import VAULT, Door, client_of
from tests.factories.identity import Provider, bearer


@pytest_asyncio.fixture
async def provider() -> Provider:
    """The identity provider."""
    return Provider()


@pytest_asyncio.fixture
async def client(door: Door, provider: Provider) -> AsyncIterator[httpx.AsyncClient]:
    """The API with the identity provider; the operator's key is in its headers."""
    bell = OperationBell(door.database)
    async with client_of(door.database, bell, tokens=provider.tokens(), requests_per_second=2) as client:
        yield client


async def _role(client: httpx.AsyncClient, token: str) -> str | None:
    me = (await client.get("/v1/me", headers=bearer(token))).json()
    return next((each["role"] for each in me["vaults"] if each["id"] == VAULT), None)


async def test_claims_and_grants_add_up(client: httpx.AsyncClient, provider: Provider) -> None:
    path = f"/v1/vaults/{VAULT}/grants"
    assert await _role(client, provider.token()) is None
    await client.post(path, json={"subject": "anna", "role": "processor"})
    assert await _role(client, provider.token()) == "processor"
    assert await _role(client, provider.token(f"{VAULT}:viewer")) == "processor"
    assert await _role(client, provider.token(f"{VAULT}:admin")) == "admin"
    assert await _role(client, provider.token(sub="ben")) is None
    assert [each["subject"] for each in (await client.get(path)).json()["items"]] == ["anna"]
    assert (await client.post(f"{path}/withdraw", json={"subject": "anna"})).status_code == 204
    assert await _role(client, provider.token()) is None


async def test_an_operator_may_be_named_by_claim_or_by_grant(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    assert (await client.get("/v1/keys", headers=bearer(provider.token()))).status_code == 403
    assert (await client.get("/v1/keys", headers=bearer(provider.token("operator")))).status_code == 200
    await client.post("/v1/operators", json={"subject": "anna"})
    assert (await client.get("/v1/keys", headers=bearer(provider.token()))).status_code == 200
    await client.post("/v1/operators/withdraw", json={"subject": "anna"})
    assert (await client.get("/v1/keys", headers=bearer(provider.token()))).status_code == 403


async def test_an_admin_cannot_grant_outside_the_own_vault(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    admin = bearer(provider.token(f"{VAULT}:admin"))
    body = {"subject": "anna", "role": "admin"}
    assert (await client.post("/v1/vaults/north/grants", json=body, headers=admin)).status_code == 404
    assert (await client.post("/v1/operators", json={"subject": "anna"}, headers=admin)).status_code == 403
    refused = await client.post(
        f"/v1/vaults/{VAULT}/grants", json={"subject": "anna", "role": "operator"}, headers=admin
    )
    assert refused.status_code == 422


async def test_a_person_is_named_in_the_audit_trail(client: httpx.AsyncClient, provider: Provider) -> None:
    admin = bearer(provider.token(f"{VAULT}:admin", sub="carla@example.com"))
    await client.post(f"/v1/vaults/{VAULT}/grants", json={"subject": "dora", "role": "viewer"}, headers=admin)
    line = (await client.get("/v1/audit")).json()["items"][0]
    assert (line["caller"], line["action"]) == ("carla@example.com", "grant")
    assert line["subject"] == f"grant/{VAULT}/dora"


async def test_tokens_are_refused_where_no_provider_is_set(door: Door, provider: Provider) -> None:
    answer = await door.client.get("/v1/me", headers=bearer(provider.token("operator")))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_silent_provider_is_503_and_keys_still_work(door: Door) -> None:
    provider = Provider(silent=True)
    bell = OperationBell(door.database)
    async with client_of(door.database, bell, tokens=provider.tokens()) as client:
        answer = await client.get("/v1/me", headers=bearer(provider.token()))
        assert (answer.status_code, answer.json()["code"]) == (503, "identity_provider_away")
        assert answer.headers["Retry-After"] == "10"
        assert (await client.get("/v1/me")).status_code == 200


async def test_who_asks_too_often_must_wait_and_nobody_else(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    asked = [client.get("/v1/me", headers=bearer(provider.token(sub="eager"))) for _ in range(60)]
    answers = await asyncio.gather(*asked)
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "too_many_requests"
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert (await client.get("/v1/me", headers=bearer(provider.token(sub="calm")))).status_code == 200
