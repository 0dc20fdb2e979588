"""How the Tryton client behaves towards servers that are away, slow, foreign or forgetful."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
import respx
from pydantic import SecretStr

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers.tryton.address import tryton_address
from drawbridge.ledgers.tryton.books import TrytonBooks
from drawbridge.ledgers.tryton.client import Fault, TrytonClient

ADDRESS = tryton_address(SecretStr("https://clerk:made-up%21@books.example/main"))
LOGIN = {"id": 0, "result": [7, "token", None]}


def answering(*answers: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    """Logins succeed; everything else gets these answers, one after the other."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        login = json.loads(request.content)["method"] == "common.db.login"
        return httpx.Response(200, json=LOGIN) if login else left.pop(0)

    return answer


async def ask(answer: Callable[[httpx.Request], httpx.Response]) -> object:
    client = TrytonClient(ADDRESS)
    with respx.mock:
        respx.post(ADDRESS.endpoint).mock(side_effect=answer)
        try:
            return await client.call("model.account.invoice.search", [])
        finally:
            await client.close()


def test_address_is_taken_apart() -> None:
    assert ADDRESS.endpoint == "https://books.example/main/rpc/"
    assert (ADDRESS.user, ADDRESS.password.get_secret_value()) == ("clerk", "made-up!")


@pytest.mark.parametrize(
    "url", ["https://books.example/main", "postgresql://a:b@h/d", "https://a:b@h/", "made-up", "http://[::"]
)
def test_address_that_lacks_a_part_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(Refused) as caught:
        tryton_address(SecretStr(url))
    assert caught.value.problem.code == "ledger_settings"
    assert "made-up" not in repr(caught.value.problem)


async def test_session_that_ended_is_opened_again_once() -> None:
    ended, fine = httpx.Response(401), httpx.Response(200, json={"id": 0, "result": [3]})
    assert await ask(answering(ended, fine)) == [3]
    with pytest.raises(Refused) as caught:
        await ask(answering(ended, ended))
    assert caught.value.problem.code == "ledger_login"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_server_in_trouble_may_be_tried_again(status: int) -> None:
    with pytest.raises(Retryable) as caught:
        await ask(answering(httpx.Response(status)))
    assert caught.value.problem.code == "ledger_unreachable"


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, text="<html>"), httpx.Response(302), httpx.Response(200, json=[])]
)
async def test_what_is_no_tryton_is_told_so(answer: httpx.Response) -> None:
    with pytest.raises(Refused, match="is no Tryton server"):
        await ask(answering(answer))


async def test_failed_call_does_not_repeat_what_tryton_said() -> None:
    said = {"id": 0, "error": ["UserError", ["Acme Steel's account is made-up", ""]]}
    with pytest.raises(Fault) as caught:
        await ask(answering(httpx.Response(200, json=said)))
    assert "made-up" not in repr(caught.value.problem)


async def test_silent_server_is_left_after_the_time_limit() -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    address = tryton_address(SecretStr(f"http://clerk:made-up@127.0.0.1:{port}/main"))
    client = TrytonClient(address, httpx.Timeout(0.2))
    with pytest.raises(Retryable, match="ReadTimeout"):
        await client.call("model.account.invoice.search", [])
    await client.close()
    listener.close()


class ShiftingClient(TrytonClient):
    """Has 1,200 records; each time a page was given, the first one of all disappears and a new one comes."""

    def __init__(self) -> None:
        super().__init__(ADDRESS)
        self.ids = list(range(1, 1201))

    async def call(self, method: str, *params: object) -> list[int]:
        domain, offset, limit = params[0], params[1], params[2]
        assert method.endswith(".search")
        assert (isinstance(domain, list), offset, isinstance(limit, int)) == (True, 0, True)
        last = domain[-1][2] if isinstance(domain, list) else 0
        page = [each for each in self.ids if each > last][: limit if isinstance(limit, int) else 0]
        self.ids = [*self.ids[1:], self.ids[-1] + 1]
        return page


async def test_pages_that_shift_lose_nothing_and_repeat_nothing() -> None:
    books = TrytonBooks(ShiftingClient(), None)
    found = await books.search("account.invoice", [])
    await books.close()
    assert found == sorted(set(found))
    assert set(range(1, 1201)) <= set(found)
