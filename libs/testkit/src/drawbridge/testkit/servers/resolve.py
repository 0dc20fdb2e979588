"""Find each server's first working source, and start it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from drawbridge.testkit.servers.given import AMQP_URL, POSTGRES_URL
from drawbridge.testkit.servers.instance import Server, ServerError, ServersUnavailable
from drawbridge.testkit.servers.sources import Source, postgres_sources, rabbitmq_sources


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


async def first_working(name: str, sources: Sequence[Source], advice: str) -> Server:
    """The first source that works. Raises ServersUnavailable with every source's reason."""
    reasons = []
    for source in sources:
        try:
            return await source()
        except ServerError as error:
            reasons.append(f"  - {error}")
    raise ServersUnavailable("\n".join([f"No {name} could be found or started. Tried:", *reasons, advice]))


async def start_rabbitmq(*, management: bool = False) -> Server:
    """Start a broker (user guest, password guest). Raises ServersUnavailable."""
    advice = f"Set {AMQP_URL} to a broker's URL, start a container engine, or install rabbitmq-server."
    return await first_working("RabbitMQ", rabbitmq_sources(management=management), advice)


async def start_postgres(*, durable: bool = False) -> Server:
    """Start a PostgreSQL. ``durable`` keeps fsync on, for benchmarks. Raises ServersUnavailable."""
    advice = f"Set {POSTGRES_URL} to an administrator's URL, start a container engine, or install PostgreSQL."
    return await first_working("PostgreSQL", postgres_sources(durable=durable), advice)


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
