"""The gateway on a real PostgreSQL: its API alone, or with its worker on a real RabbitMQ."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest_asyncio
from pydantic import SecretStr

from drawbridge.gateway.settings import Settings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.opening import open_database
from drawbridge.gateway.wiring import worker_components
from drawbridge.messaging import Broker
from drawbridge.persistence import Database
from drawbridge.testkit.isolation import fresh_database
from drawbridge.testkit.servers import Server
from tests.factories.databases import as_role, migrated_database
from tests.factories.gateway import VAULT, Door, choices, client_of


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres_server: Server) -> AsyncIterator[str]:
    """The name of a database with the service's schema, to be copied."""
    async with migrated_database(postgres_server.url, "gateway", "gateway") as name:
        yield name


@pytest_asyncio.fixture
async def settings(postgres_server: Server, migrated: str) -> AsyncIterator[Settings]:
    """Settings for a migrated schema in a fresh database, as the service's own role."""
    async with fresh_database(postgres_server.url, template=migrated) as url:
        nobody = SecretStr("amqp://nobody@127.0.0.1:1/")
        yield Settings(database_url=as_role(url, "gateway"), amqp_url=nobody, http_port=1)


@pytest_asyncio.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The gateway's own database."""
    database = open_database(settings)
    yield database
    await database.dispose()


async def _supervised(bell: OperationBell, stop: asyncio.Event) -> None:
    """Run it again after a lost connection, as a process does."""
    while not stop.is_set():
        with suppress(OSError):
            await bell.run(stop)


@pytest_asyncio.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """The API with one vault."""
    bell, stop = OperationBell(database), asyncio.Event()
    listening = asyncio.create_task(_supervised(bell, stop))
    async with client_of(database, bell) as client:
        response = await client.put(f"/v1/vaults/{VAULT}", json=choices())
        assert response.status_code == 201, response.text
        yield Door(database, client, response.json())
    stop.set()
    await listening


@pytest_asyncio.fixture
async def worker(settings: Settings, database: Database, declared_vhost: str) -> AsyncIterator[str]:
    """The gateway's worker, running; gives the broker's URL."""
    broker, stop = Broker(SecretStr(declared_vhost), name="gateway"), asyncio.Event()
    components = worker_components(database, broker, settings)
    running = [asyncio.create_task(component.run(stop), name=component.name) for component in components]
    yield declared_vhost
    stop.set()
    await asyncio.gather(*running)
    await broker.close()
