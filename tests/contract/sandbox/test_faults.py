"""Misbehaviour on demand, and what is true behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from drawbridge.sandbox.procore import RateLimits, create_app
from drawbridge.testkit.ports import free_port
from tests.factories.procore_double import Called, called_double
from tests.factories.waiting import eventually

PAYMENTS = "/rest/v1.0/contract_payments"
WRITES = {"method": "POST", "path_prefix": PAYMENTS}


def body(called: Called) -> dict[str, Any]:
    payment = called.procore.facts["hand_typed_payment"]
    owner = {"project_id": payment["project_id"], "contract_id": payment["contract_id"]}
    return {**owner, "contract_payment": {"amount": "10.00"}}


@pytest_asyncio.fixture
async def over_tcp(called: Called) -> AsyncIterator[Called]:
    """The same double behind a real socket."""
    port = free_port()
    config = uvicorn.Config(create_app(called.procore), port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=called.http.headers) as http:
        yield Called(called.procore, http)
    server.should_exit = True
    await serving


async def test_failed_calls_are_not_applied(called: Called) -> None:
    await called.order("fail", match=WRITES, status=502, times=2)
    answers = [await called.http.post(PAYMENTS, json=body(called)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [502, 502, 201]
    assert len(called.procore.payments) == 2
    assert [write.status for write in called.procore.writes] == [502, 502, 201]


async def test_faults_meet_only_what_they_match_and_can_be_cleared(called: Called) -> None:
    await called.order("fail", match=WRITES)
    assert (await called.get("/rest/v1.1/projects", company_id=1)).status_code == 200
    assert len((await called.get("/control/faults")).json()) == 1
    assert (await called.http.delete("/control/faults")).status_code == 204
    assert (await called.http.post(PAYMENTS, json=body(called))).status_code == 201


async def test_dropped_answer_is_applied_and_known_to_the_double(over_tcp: Called) -> None:
    await over_tcp.order("apply_then_drop", match=WRITES)
    with pytest.raises(httpx.RemoteProtocolError):
        await over_tcp.http.post(PAYMENTS, json=body(over_tcp))
    assert len(over_tcp.procore.payments) == 2
    (write,) = over_tcp.procore.writes
    assert write.dropped
    assert write.applied_at is not None


async def test_late_call_is_applied_after_the_caller_has_given_up(over_tcp: Called) -> None:
    await over_tcp.order("apply_late", match=WRITES, seconds=0.2)
    with pytest.raises(httpx.RemoteProtocolError):
        await over_tcp.http.post(PAYMENTS, json=body(over_tcp))
    assert len(over_tcp.procore.payments) == 1
    await eventually(lambda: len(over_tcp.procore.payments) == 2)
    (write,) = over_tcp.procore.writes
    assert write.dropped
    assert write.applied_at is not None
    assert (write.applied_at - write.received_at).total_seconds() >= 0.2


async def test_dropped_answers_look_the_same_to_a_caller_in_the_same_process(called: Called) -> None:
    await called.order("apply_then_drop", match=WRITES)
    with pytest.raises(httpx.RemoteProtocolError):
        await called.http.post(PAYMENTS, json=body(called))
    assert len(called.procore.payments) == 2


async def test_delayed_call_outlasts_an_impatient_caller(over_tcp: Called) -> None:
    await over_tcp.order("delay", match=WRITES, seconds=0.3)
    with contextlib.suppress(httpx.ReadTimeout):
        await over_tcp.http.post(PAYMENTS, json=body(over_tcp), timeout=0.1)
        pytest.fail("The answer came too early.")
    await eventually(lambda: len(over_tcp.procore.payments) == 2)


async def test_expired_token_is_refused_until_a_new_one_is_asked_for(called: Called) -> None:
    await called.order("expire_token")
    assert (await called.get("/rest/v1.1/projects", company_id=1)).status_code == 401
    sent = {
        "grant_type": "client_credentials",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }
    token = (await called.http.post("/oauth/token", json=sent)).json()["access_token"]
    called.http.headers["Authorization"] = f"Bearer {token}"
    assert (await called.get("/rest/v1.1/projects", company_id=1)).status_code == 200


async def test_exhausted_limit_answers_429_with_retry_after(called: Called) -> None:
    await called.order("exhaust_limit", match=WRITES, seconds=7)
    answer = await called.http.post(PAYMENTS, json=body(called))
    assert answer.status_code == 429
    assert 6 <= int(answer.headers["Retry-After"]) <= 8
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"
    assert (await called.get("/rest/v1.1/projects", company_id=1)).status_code == 429
    assert (await called.get("/control/facts")).status_code == 200
    assert len(called.procore.payments) == 1


async def test_limits_are_real_and_shown_on_every_answer() -> None:
    async with called_double(RateLimits(spike=3, hourly=50)) as called:
        answers = [await called.get("/rest/v1.0/nowhere") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]


async def test_hourly_limit_can_be_exhausted_too(called: Called) -> None:
    await called.order("exhaust_limit", window="hourly", seconds=1800)
    answer = await called.get("/rest/v1.1/projects", company_id=1)
    assert answer.status_code == 429
    assert answer.headers["X-Rate-Limit-Limit"] == str(RateLimits.hourly)
    assert 1790 <= int(answer.headers["Retry-After"]) <= 1801


@pytest.mark.parametrize(
    ("kind", "content_type", "readable"),
    [("cut_short", "application/json", False), ("html", "text/html", False), ("inflate", "json", True)],
)
async def test_spoiled_answers_say_200_all_the_same(
    over_tcp: Called, kind: str, content_type: str, *, readable: bool
) -> None:
    await over_tcp.order(kind, megabytes=1)
    answer = await over_tcp.get("/rest/v1.1/projects", company_id=1)
    assert answer.status_code == 200
    assert content_type in answer.headers["Content-Type"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    try:
        projects = answer.json()
    except ValueError:
        projects = None
    assert (projects is not None) == readable
    assert (len(answer.content) > 2**20) == (kind == "inflate")


async def test_answer_that_drips_takes_its_time(over_tcp: Called) -> None:
    await over_tcp.order("drip", seconds=0.3)
    began = asyncio.get_running_loop().time()
    answer = await over_tcp.get("/rest/v1.1/projects", company_id=1)
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert answer.json()


async def test_ignored_members_change_nothing_and_say_nothing(called: Called) -> None:
    await called.order("ignore", match=WRITES, members=["check_number"])
    sent = body(called)
    sent["contract_payment"]["check_number"] = "4711"
    answer = await called.http.post(PAYMENTS, json=sent)
    assert answer.status_code == 201
    assert answer.json()["check_number"] is None
    await called.order("ignore", members=["view"])
    listed = await called.get("/rest/v1.1/requisitions", project_id=called.project_id, view="extended")
    assert "items" not in listed.json()[0]


async def test_lists_shift_while_they_are_read(called: Called) -> None:
    def ids(answer: httpx.Response) -> list[int]:
        return [each["id"] for each in answer.json()]

    query = {"project_id": called.project_id, "per_page": 2}
    second = {"path_prefix": "/rest/v1.1/requisitions", "query": {"page": "2"}}
    await called.order("delete_first", match=second)
    before = ids(await called.get("/rest/v1.1/requisitions", project_id=called.project_id))
    assert ids(await called.get("/rest/v1.1/requisitions", page=1, **query)) == before[:2]
    assert ids(await called.get("/rest/v1.1/requisitions", page=2, **query)) == before[3:5]
    await called.order("move_last")
    assert ids(await called.get("/rest/v1.1/requisitions", page=1, **query)) == [before[-1], before[1]]
