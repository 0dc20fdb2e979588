"""A running payment-backfiller on real servers, with the Procore double and a Sage-shaped ledger."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.messaging import Broker
from drawbridge.payment_backfiller.outside import LedgersFile, ProcoreClients
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.store.tables import SCHEMA
from drawbridge.payment_backfiller.wiring import components, make_database
from drawbridge.persistence import Database
from drawbridge.runtime import HttpServer
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.servers import Server
from tests.factories.databases import as_role, migrated_database
from tests.factories.payments import World, sage_books, vault_state, watched_world
from tests.factories.waiting import eventually


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch, postgres_database: str) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_CLIENT_ID", "sandbox-client")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_CLIENT_SECRET", "sandbox-secret")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_SAGE_URL", postgres_database)


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres_server: Server) -> AsyncIterator[str]:
    """The name of a database with the service's schema, to be copied."""
    async with migrated_database(postgres_server.url, "payment_backfiller", "payments") as name:
        yield name


@pytest_asyncio.fixture
async def settings(postgres_database: str, declared_vhost: str, procore_url: str) -> Settings:
    """Settings for a migrated schema in a fresh database, and all queues, empty."""
    return Settings(
        database_url=as_role(postgres_database, "payments"),
        amqp_url=SecretStr(declared_vhost),
        http_port=1,
        procore_api_url=procore_url,
        procore_login_url=procore_url,
        procore_share=1,
        doubt_seconds=1,
        recheck_seconds=2,
        schedule_seconds=0.2,
    )


@pytest_asyncio.fixture
async def store(postgres_database: str) -> AsyncIterator[Database]:
    """The schema alone, for what needs no broker and no Procore."""
    database = Database(
        SecretStr(postgres_database), schema=SCHEMA, service="payment-backfiller", pool_size=1
    )
    yield database
    await database.dispose()


@pytest_asyncio.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The service's own database."""
    database = make_database(settings)
    yield database
    await database.dispose()


@pytest.fixture
def procore() -> Procore:
    """A seeded Procore double."""
    return seeded_procore()


@pytest_asyncio.fixture
async def procore_url(procore: Procore) -> AsyncIterator[str]:
    """The address of the double, served for real: it can drop connections."""
    port = free_port()
    stop = asyncio.Event()
    server = HttpServer(create_app(procore), host="127.0.0.1", port=port, name="procore", drain_seconds=1)
    serving = asyncio.create_task(server.run(stop))
    await eventually(server.ready)
    yield f"http://127.0.0.1:{port}"
    stop.set()
    await serving


@pytest.fixture
def ledgers_file() -> LedgersFile:
    """The ledgers that the deployment describes."""
    return LedgersFile({"sage-main": {"preset": "sage100", "url": "env:DRAWBRIDGE_SECRET_SAGE_URL"}})


@pytest_asyncio.fixture
async def world(  # everything that a running service needs
    settings: Settings,
    database: Database,
    procore: Procore,
    postgres_database: str,
    ledgers_file: LedgersFile,
) -> AsyncIterator[World]:
    """The world around a running payment-backfiller that knows one vault."""
    broker, stop = Broker(settings.amqp_url, name="payment-backfiller"), asyncio.Event()
    clients = ProcoreClients(settings)
    async with sage_books(postgres_database) as sage:
        running = [
            asyncio.create_task(component.run(stop), name=component.name)
            for component in components(settings, database, broker, clients, ledgers_file)
        ]
        async with watched_world(settings.amqp_url.get_secret_value(), procore, sage, database) as world:
            await world.tell(vault_state(procore.company_id))
            await eventually(lambda: world.told(VaultProblemsReported))
            yield world
            stop.set()
            await asyncio.gather(*running)
        await broker.close()
        await clients.close()
        await ledgers_file.close()
