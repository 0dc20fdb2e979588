"""Browsers: the listed front ends may call, nobody else's page may."""

from drawbridge.gateway.store.bell import OperationBell
from tests.factories.gateway import Door, client_of

FRONT_END = "https://ap.example.com"


async def test_only_listed_origins_may_call(door: Door) -> None:
    options = {"cors_origins": (FRONT_END,)}
    async with client_of(door.database, OperationBell(door.database), **options) as client:
        for origin, allowed in ((FRONT_END, True), ("https://evil.example.com", False), ("null", False)):
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, idempotency-key",
            }
            preflight = await client.options("/v1/vaults", headers=asked)
            answer = await client.get("/v1/vaults", headers={"Origin": origin})
            assert (preflight.status_code == 200) is allowed
            for each in (preflight, answer):
                assert each.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
                assert "Access-Control-Allow-Credentials" not in each.headers
            if allowed:
                assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


async def test_without_a_list_nobody_may_call(door: Door) -> None:
    answer = await door.client.get("/v1/vaults", headers={"Origin": FRONT_END})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
