"""A running import-service on real servers, with a Procore double beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
import pytest_asyncio
from pydantic import AnyHttpUrl, SecretStr

from drawbridge.import_service.procore_access import ProcoreCompanies
from drawbridge.import_service.settings import Settings
from drawbridge.import_service.wiring import components, make_database
from drawbridge.messaging import Broker
from drawbridge.persistence import Database
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from drawbridge.testkit.servers import Server
from tests.factories.databases import as_role, migrated_database
from tests.factories.imports import CLIENT_ID, CLIENT_SECRET, ImportWorld, RunningWorld, watched_world

PROCORE = "http://procore.test"


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres_server: Server) -> AsyncIterator[str]:
    """The name of a database with the service's schema, to be copied."""
    async with migrated_database(postgres_server.url, "import_service", "imports") as name:
        yield name


@pytest_asyncio.fixture
async def settings(postgres_database: str, declared_vhost: str) -> Settings:
    """Settings for a migrated schema in a fresh database, and all queues, empty."""
    return Settings(
        database_url=as_role(postgres_database, "imports"),
        amqp_url=SecretStr(declared_vhost),
        http_port=1,
        new_invoice_patience_seconds=0.5,
        procore_share=1,
        procore_calls_per_hour=1_000_000,
        webhook_url=AnyHttpUrl("https://gateway.test"),
    )


@pytest_asyncio.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The service's own database."""
    database = make_database(settings)
    yield database
    await database.dispose()


@pytest.fixture
def procore(monkeypatch: pytest.MonkeyPatch) -> Procore:
    """A seeded double, and the secrets that open it."""
    monkeypatch.setenv(CLIENT_ID, "sandbox-client")
    monkeypatch.setenv(CLIENT_SECRET, "sandbox-secret")
    return seeded_procore()


@pytest.fixture
def running(settings: Settings, database: Database) -> RunningWorld:
    """Runs import-service beside a double, for as long as the context is open."""
    return partial(_running, settings, database)


@pytest_asyncio.fixture
async def world(running: RunningWorld, procore: Procore) -> AsyncIterator[ImportWorld]:
    """The world around a running import-service."""
    async with running(procore) as world:
        yield world


@asynccontextmanager
async def _running(settings: Settings, database: Database, procore: Procore) -> AsyncIterator[ImportWorld]:
    transport = httpx.ASGITransport(create_app(procore))
    companies = ProcoreCompanies(api_url=PROCORE, login_url=PROCORE, share=1, transport=transport)
    broker, stop = Broker(settings.amqp_url, name="import-service"), asyncio.Event()
    running = [
        asyncio.create_task(component.run(stop), name=component.name)
        for component in components(settings, database, broker, companies)
    ]
    async with watched_world(settings.amqp_url.get_secret_value(), procore, transport) as world:
        yield world
        stop.set()
        await asyncio.gather(*running)
        await companies.close()
        await broker.close()
