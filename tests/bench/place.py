"""Where a benchmark takes place: durable servers, migrated schemas, fresh databases and queues."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.messaging import declare
from drawbridge.persistence import provision, upgrade
from drawbridge.testkit.isolation import create_database, fresh_database, fresh_vhost, unique_name, with_path
from drawbridge.testkit.servers import Servers

type Connection = asyncpg.Connection[Any]
"""A bare connection; its rows are not typed."""


@dataclass(frozen=True)
class Place:
    """One round's own database and vhost; all queues are declared."""

    database_url: SecretStr
    amqp_url: SecretStr


@dataclass(frozen=True)
class Template:
    """A database with one service's schema, to be copied for each round."""

    servers: Servers
    name: str

    @classmethod
    async def of(cls, servers: Servers, package: str, schema: str) -> "Template":
        """Migrate one schema in a new database."""
        return await cls.of_all(servers, {schema: package})

    @classmethod
    async def of_all(cls, servers: Servers, packages: Mapping[str, str]) -> "Template":
        """Migrate some schemas in one new database; ``packages`` are by schema."""
        name = unique_name("bench")
        admin_url = SecretStr(await create_database(servers.postgres_url, name))
        services = {schema: (f"{schema}_bench", SecretStr("bench")) for schema in packages}
        await provision(admin_url, database=name, services=services)
        for package in packages.values():
            await upgrade(admin_url, package)
        return cls(servers, name)

    @property
    def url(self) -> SecretStr:
        """The template's own URL; leave no connection open before it is copied."""
        return SecretStr(with_path(self.servers.postgres_url, self.name))

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """A copy, and a vhost."""
        async with (
            fresh_database(self.servers.postgres_url, self.name) as database_url,
            fresh_vhost(self.servers.rabbitmq) as amqp_url,
        ):
            await declare(SecretStr(amqp_url), TOPOLOGY)
            yield Place(SecretStr(database_url), SecretStr(amqp_url))
