"""What every test gets: this machine only, and real servers for those that ask for them."""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import structlog
from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.messaging import declare
from drawbridge.testkit.isolation import empty_queues, fresh_database, fresh_vhost
from drawbridge.testkit.loopback import allow_only_loopback
from drawbridge.testkit.servers import Server, Servers, start_postgres, start_rabbitmq
from drawbridge.testkit.servers.given import AMQP_URL, MANAGEMENT_URL, POSTGRES_URL
from drawbridge.testkit.shared import SharedServer

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        # As services have it: a traceback with all local values costs seconds, and may show secrets.
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

_shared = pytest.StashKey[list[SharedServer]]()


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> None:
    """Refuse every connection to another machine, but for servers that the environment names."""
    named = [urlsplit(os.environ.get(name, "")).hostname for name in (AMQP_URL, MANAGEMENT_URL, POSTGRES_URL)]
    allow_only_loopback(filter(None, named))


@pytest.fixture(scope="session")
def shared_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


def _share(config: pytest.Config, folder: Path, name: str) -> SharedServer:
    shared = SharedServer(folder, name)
    config.stash.setdefault(_shared, []).append(shared)
    return shared


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Release the servers here and not in a fixture: the wait for other workers has no test's time limit.

    Those of other workers come first: two workers that each own one server would wait for each other.
    """
    held: list[SharedServer] = session.config.stash.get(_shared, [])
    for shared in sorted(held, key=lambda each: each.owned):
        shared.release()


@pytest_asyncio.fixture(scope="session")
async def postgres_server(request: pytest.FixtureRequest, shared_folder: Path) -> Server:
    """One PostgreSQL for the whole run."""
    return await _share(request.config, shared_folder, "postgres").acquire(start_postgres)


@pytest_asyncio.fixture(scope="session")
async def rabbitmq_server(request: pytest.FixtureRequest, shared_folder: Path) -> Server:
    """One RabbitMQ for the whole run, with its management API."""
    start = partial(start_rabbitmq, management=True)
    return await _share(request.config, shared_folder, "rabbitmq").acquire(start)


@pytest.fixture(scope="session")
def servers(rabbitmq_server: Server, postgres_server: Server) -> Servers:
    """Both servers of the run."""
    return Servers(rabbitmq_server, postgres_server)


@pytest.fixture(scope="session")
def migrated() -> str | None:
    """The database that fresh ones are copies of. The folder of a service's tests names its own."""
    return None


@pytest_asyncio.fixture
async def postgres_database(postgres_server: Server, migrated: str | None) -> AsyncIterator[str]:
    """The administrator's URL of a fresh database: empty, or with the schema of the service under test."""
    async with fresh_database(postgres_server.url, template=migrated) as url:
        yield url


@pytest_asyncio.fixture
async def amqp_vhost(rabbitmq_server: Server) -> AsyncIterator[str]:
    """The AMQP URL of a fresh, empty vhost."""
    async with fresh_vhost(rabbitmq_server) as url:
        yield url


@pytest_asyncio.fixture(scope="session")
async def _declared_vhost(rabbitmq_server: Server) -> AsyncIterator[str]:
    """The AMQP URL of a vhost with all of Drawbridge's queues, for one test of this process at a time."""
    async with fresh_vhost(rabbitmq_server) as url:
        await declare(SecretStr(url), TOPOLOGY)
        yield url


@pytest_asyncio.fixture
async def declared_vhost(_declared_vhost: str) -> str:
    """The AMQP URL of a vhost with all of Drawbridge's queues, all empty."""
    await empty_queues(_declared_vhost, [queue.name for queue in TOPOLOGY.queues])
    return _declared_vhost
