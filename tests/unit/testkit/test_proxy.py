"""The fault proxy, in front of a server that answers every line with the same line."""

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from drawbridge.testkit.ports import wait_until
from drawbridge.testkit.proxy import FaultProxy, Mode

type Client = tuple[StreamReader, StreamWriter]


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[FaultProxy]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with FaultProxy(server.sockets[0].getsockname()[1]) as started:
        yield started
    server.close()


type Connect = Callable[[FaultProxy], Awaitable[Client]]


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    opened: list[Client] = []

    async def one(proxy: FaultProxy) -> Client:
        opened.append(await asyncio.open_connection("127.0.0.1", proxy.port))
        return opened[-1]

    yield one
    for _, writer in opened:
        writer.transport.abort()
    await asyncio.sleep(0)


async def _say(client: Client, line: bytes, seconds: float = 2) -> bytes:
    reader, writer = client
    writer.write(line + b"\n")
    async with asyncio.timeout(seconds):
        return await reader.readline()


async def test_bytes_pass_both_ways(proxy: FaultProxy, connect: Connect) -> None:
    client = await connect(proxy)
    assert await _say(client, b"hello") == b"hello\n"
    assert await _say(client, b"x" * 60_000) == b"x" * 60_000 + b"\n"
    client[1].close()


async def test_the_end_of_a_client_ends_its_link(proxy: FaultProxy, connect: Connect) -> None:
    client = await connect(proxy)
    await _say(client, b"hello")
    client[1].close()

    async def gone() -> bool:
        return proxy.connections == 0

    await wait_until(gone, seconds=30)


async def test_a_cut_resets_what_is_open_and_lets_new_ones_in(proxy: FaultProxy, connect: Connect) -> None:
    client = await connect(proxy)
    await _say(client, b"hello")
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await _say(client, b"still there?")
    assert await _say(await connect(proxy), b"again") == b"again\n"


async def test_refusing_resets_and_refuses_until_it_passes_again(proxy: FaultProxy, connect: Connect) -> None:
    client = await connect(proxy)
    await _say(client, b"hello")
    await proxy.switch(Mode.REFUSE)
    with pytest.raises(ConnectionRefusedError):
        await connect(proxy)
    with pytest.raises(ConnectionResetError):
        await _say(client, b"still there?")
    await proxy.switch(Mode.PASS)
    assert await _say(await connect(proxy), b"again") == b"again\n"


async def test_what_hangs_arrives_later(proxy: FaultProxy, connect: Connect) -> None:
    old = await connect(proxy)
    await _say(old, b"hello")
    await proxy.switch(Mode.HANG)
    new = await connect(proxy)
    for client in (old, new):
        with pytest.raises(TimeoutError):
            await _say(client, b"later", 0.1)
    await proxy.switch(Mode.PASS)
    for client in (old, new):
        assert await asyncio.wait_for(client[0].readline(), 2) == b"later\n"


async def test_slow_bytes_arrive_late_but_whole(proxy: FaultProxy, connect: Connect) -> None:
    client = await connect(proxy)
    await proxy.switch(Mode.SLOW, delay=0.05)
    started = time.monotonic()
    assert await _say(client, b"y" * 3_000) == b"y" * 3_000 + b"\n"
    assert time.monotonic() - started > 0.1


async def test_half_open_loses_bytes_without_a_word_for_ever(proxy: FaultProxy, connect: Connect) -> None:
    old = await connect(proxy)
    await _say(old, b"hello")
    await proxy.switch(Mode.HALF_OPEN)
    new = await connect(proxy)
    for client in (old, new):
        with pytest.raises(TimeoutError):
            await _say(client, b"lost", 0.1)
    await proxy.switch(Mode.PASS)
    for client in (old, new):
        with pytest.raises(TimeoutError):
            await _say(client, b"lost, too", 0.1)
    assert await _say(await connect(proxy), b"fresh") == b"fresh\n"


async def test_a_server_that_is_away_ends_the_connection(connect: Connect) -> None:
    async with FaultProxy(1) as proxy:
        reader, _ = await connect(proxy)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 2)
