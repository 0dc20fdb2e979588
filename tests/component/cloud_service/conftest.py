"""A running cloud-service on real servers, in a world that watches it."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from pydantic import SecretStr

from drawbridge.cloud_service.settings import Settings
from drawbridge.cloud_service.wiring import components, make_database
from drawbridge.messaging import Broker
from drawbridge.persistence import Database
from drawbridge.testkit.servers import Server
from tests.factories.cloud import World, watched_world
from tests.factories.databases import as_role, migrated_database


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres_server: Server) -> AsyncIterator[str]:
    """The name of a database with the service's schema, to be copied."""
    async with migrated_database(postgres_server.url, "cloud_service", "cloud") as name:
        yield name


@pytest_asyncio.fixture
async def settings(postgres_database: str, declared_vhost: str) -> Settings:
    """Settings for a migrated schema in a fresh database, and all queues, empty."""
    return Settings(
        database_url=as_role(postgres_database, "cloud"), amqp_url=SecretStr(declared_vhost), http_port=1
    )


@pytest_asyncio.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The service's own database."""
    database = make_database(settings)
    yield database
    await database.dispose()


@pytest_asyncio.fixture
async def world(settings: Settings, database: Database) -> AsyncIterator[World]:
    """The world around a running cloud-service."""
    broker, stop = Broker(settings.amqp_url, name="cloud-service"), asyncio.Event()
    running = [
        asyncio.create_task(component.run(stop), name=component.name)
        for component in components(settings, database, broker)
    ]
    async with watched_world(settings.amqp_url.get_secret_value()) as world:
        yield world
        stop.set()
        await asyncio.gather(*running)
        await broker.close()
