import asyncio
import json

import httpx
import pytest
from pydantic import SecretStr

from drawbridge.contracts.errors import Refused, Retryable, Waiting
from drawbridge.procore import Credentials, RateLimiter
from drawbridge.procore.tokens import TokenProvider
from tests.factories.procore import LOGIN, SECRET, Clock, ScriptedProcore


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(procore: ScriptedProcore, clock: Clock) -> TokenProvider:
    http = httpx.AsyncClient(transport=httpx.MockTransport(procore.handle))
    return TokenProvider(
        http, LOGIN + "/", Credentials("made-up-client", SecretStr(SECRET)), RateLimiter(now=clock), now=clock
    )


async def test_token_is_asked_for_once_by_many_callers(
    tokens: TokenProvider, procore: ScriptedProcore
) -> None:
    assert set(await asyncio.gather(*(tokens.current() for _ in range(20)))) == {"token-1"}
    assert len(procore.token_requests) == 1
    request = procore.token_requests[0]
    assert str(request.url) == f"{LOGIN}/oauth/token"
    assert json.loads(request.content)["grant_type"] == "client_credentials"


async def test_token_is_refreshed_five_minutes_before_it_expires(tokens: TokenProvider, clock: Clock) -> None:
    assert await tokens.current() == "token-1"
    clock.advance(seconds=5400 - 301)
    assert await tokens.current() == "token-1"
    clock.advance(seconds=1)
    assert await tokens.current() == "token-2"


async def test_refused_token_is_replaced_once_even_if_many_report_it(tokens: TokenProvider) -> None:
    first = await tokens.current()
    tokens.forget(first)
    assert await tokens.current() == "token-2"
    tokens.forget(first)
    assert await tokens.current() == "token-2"


async def test_wrong_credentials_are_refused_without_showing_the_secret(
    tokens: TokenProvider, procore: ScriptedProcore
) -> None:
    body = {"error": "invalid_client", "error_description": "Client authentication failed"}
    procore.token_answers = [httpx.Response(401, json=body)]
    with pytest.raises(Refused) as caught:
        await tokens.current()
    assert caught.value.problem.code == "procore_credentials"
    assert "Client authentication failed" in caught.value.problem.message
    assert SECRET not in repr(caught.value.problem)


@pytest.mark.parametrize(("status", "reason"), [(429, "procore_limit"), (503, "procore_down")])
async def test_login_host_that_asks_to_wait_is_waited_for(
    tokens: TokenProvider, procore: ScriptedProcore, status: int, reason: str
) -> None:
    procore.token_answers = [httpx.Response(status, headers={"Retry-After": "30"})]
    with pytest.raises(Waiting) as caught:
        await tokens.current()
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"),
        httpx.Response(502),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"token_type": "bearer"}),
        httpx.Response(200, json={"access_token": "t", "expires_in": "soon"}),
    ],
    ids=["down", "502", "html", "list", "no token", "no lifetime"],
)
async def test_login_host_that_gives_no_token_may_be_asked_again(
    tokens: TokenProvider, procore: ScriptedProcore, answer: httpx.Response | Exception
) -> None:
    procore.token_answers = [answer]
    with pytest.raises(Retryable):
        await tokens.current()
    assert await tokens.current() == "token-2"


def test_credentials_do_not_print_themselves() -> None:
    credentials = Credentials("made-up-client", SecretStr(SECRET))
    assert SECRET not in repr(credentials)
    assert "made-up-client" not in repr(credentials)
