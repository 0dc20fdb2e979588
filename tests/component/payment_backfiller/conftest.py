"""A running payment-backfiller on real servers, with the Procore double and a Sage-shaped ledger."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.messaging import Broker, declare
from drawbridge.payment_backfiller.outside import LedgersFile, ProcoreClients
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.wiring import components, make_database
from drawbridge.persistence import Database, provision, upgrade
from drawbridge.runtime import HttpServer
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from drawbridge.testkit.isolation import with_path
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.servers import Server
from tests.factories.payments import World, eventually, sage_books, vault_state, watched_world


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch, postgres_database: str) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_CLIENT_ID", "sandbox-client")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_CLIENT_SECRET", "sandbox-secret")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_SAGE_URL", postgres_database)


@pytest_asyncio.fixture
async def settings(
    postgres_server: Server, postgres_database: str, amqp_vhost: str, procore_url: str
) -> Settings:
    """Settings for a migrated schema in a fresh database, and a fresh vhost with all queues."""
    name = postgres_database.rpartition("/")[2]
    roles = {"payments": ("payments", SecretStr("payments"))}
    await provision(SecretStr(postgres_server.url), database=name, services=roles)
    url = SecretStr(with_path(postgres_database, name))
    await upgrade(url, "drawbridge.payment_backfiller")
    await declare(SecretStr(amqp_vhost), TOPOLOGY)
    return Settings(
        database_url=url,
        amqp_url=SecretStr(amqp_vhost),
        http_port=1,
        procore_api_url=procore_url,
        procore_login_url=procore_url,
        procore_share=1,
        doubt_seconds=1,
        recheck_seconds=2,
        schedule_seconds=0.2,
    )


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


@pytest_asyncio.fixture
async def world(
    settings: Settings, database: Database, procore: Procore, postgres_database: str
) -> AsyncIterator[World]:
    """The world around a running payment-backfiller that knows one vault."""
    broker, stop = Broker(settings.amqp_url, name="payment-backfiller"), asyncio.Event()
    clients = ProcoreClients(settings)
    ledgers = LedgersFile({"sage-main": {"preset": "sage100", "url": "env:DRAWBRIDGE_SECRET_SAGE_URL"}})
    async with sage_books(postgres_database) as sage:
        running = [
            asyncio.create_task(component.run(stop), name=component.name)
            for component in components(settings, database, broker, clients, ledgers)
        ]
        async with watched_world(settings.amqp_url.get_secret_value(), procore, sage, database) as world:
            await world.tell(vault_state(procore.company_id))
            await eventually(lambda: world.told(VaultProblemsReported))
            yield world
            stop.set()
            await asyncio.gather(*running)
        await broker.close()
        await clients.close()
        await ledgers.close()
