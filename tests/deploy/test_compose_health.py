"""The health check of docker-compose.yml, run as in a container: without a shell, on Python alone."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.factories.compose import our_processes

PROCESSES = our_processes()
CHECKS = {tuple(each["healthcheck"]["test"]) for each in PROCESSES.values()}

type Answering = Callable[[bytes], Awaitable[int]]


@pytest_asyncio.fixture
async def answering() -> AsyncIterator[Answering]:
    """A port that gives each request the same answer."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> int:
        async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        servers.append(await asyncio.start_server(give, "127.0.0.1"))
        port: int = servers[-1].sockets[0].getsockname()[1]
        return port

    yield start
    for each in servers:
        each.close()


async def _asked(port: int) -> int:
    [(kind, program, *arguments)] = CHECKS
    assert (kind, program) == ("CMD", "python")
    here = [each.replace(":8080/", f":{port}/") for each in arguments]
    asked = await asyncio.create_subprocess_exec(
        sys.executable, *here, env={}, stderr=asyncio.subprocess.DEVNULL
    )
    return await asked.wait()


def test_every_process_is_asked_in_the_same_way() -> None:
    assert len(CHECKS) == 1


@pytest.mark.parametrize(("answer", "well"), [(b"200 OK", True), (b"503 Service Unavailable", False)])
async def test_it_is_well_when_it_says_so(answering: Answering, answer: bytes, *, well: bool) -> None:
    assert (await _asked(await answering(answer)) == 0) == well


async def test_it_is_not_well_when_nobody_answers(answering: Answering) -> None:
    port = await answering(b"200 OK")
    assert await _asked(port) == 0
    assert await _asked(1) != 0
