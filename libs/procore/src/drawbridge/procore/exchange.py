"""One question to Procore and its whole answer, within bounds of time and size.

httpx times each read by itself, so an answer that drips would never end; and it keeps whatever comes, so a
gigantic one would fill the memory.
"""

import asyncio
from datetime import timedelta

import httpx

from drawbridge.runtime import outside_call

DEADLINE = timedelta(seconds=45)
"""For a whole call; a lease on a commitment must be longer than this by ten seconds or more."""

LARGEST_ANSWER = 64 * 2**20
"""Bytes of an answer, unpacked, that are read at most."""

_OF_THE_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class AnswerTooLarge(httpx.HTTPError):
    """A good answer with more than `LARGEST_ANSWER` bytes; the rest was not read."""


async def exchange(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request and read its answer to the end.

    Raises:
        TimeoutError: the answer was not complete within `DEADLINE`.
        httpx.HTTPError: there was no answer, or it is an `AnswerTooLarge`.
    """
    facts = {"http.request.method": request.method, "server.address": request.url.host}
    facts["url.path"] = request.url.path
    with outside_call("procore", request.method, facts) as call:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            answer = await http.send(request, stream=True)
            try:
                body = await _body(answer)
            finally:
                await answer.aclose()
        call.answered(f"{answer.status_code // 100}xx")
    headers = [pair for pair in answer.headers.multi_items() if pair[0].lower() not in _OF_THE_TRANSFER]
    return httpx.Response(answer.status_code, headers=headers, content=body, request=request)


def silence(error: httpx.HTTPError | TimeoutError) -> str:
    """What an exchange without an answer was, in words that end a sentence."""
    if type(error) is TimeoutError:
        return f"did not finish its answer within {DEADLINE.total_seconds():.0f} seconds"
    return f"could not be read ({type(error).__name__})"


async def _body(answer: httpx.Response) -> bytes:
    """The unpacked body; of a refusal the beginning is enough."""
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            if answer.is_success:
                raise AnswerTooLarge(f"The answer is larger than {LARGEST_ANSWER} bytes.")
            return bytes(body[:LARGEST_ANSWER])
    return bytes(body)
