"""Every kind of books that is read for real: each fixture value is one adapter on one database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from drawbridge.ledgers import LedgerSource, open_ledger
from drawbridge.testkit.servers.mariadb import MariadbInstance, start_mariadb
from tests.factories.ledgers.clerk import Clerk
from tests.factories.ledgers.drop import DropClerk
from tests.factories.ledgers.own import OwnClerk, own_preset
from tests.factories.ledgers.sage100 import Sage100Clerk
from tests.factories.ledgers.sage300 import Sage300Clerk
from tests.factories.ledgers.tables import Tables
from tests.factories.ledgers.tryton.books import running_office
from tests.factories.ledgers.tryton.clerk import TrytonClerk
from tests.factories.ledgers.tryton.desk import Desk
from tests.factories.ledgers.tryton.memory import Memory
from tests.factories.ledgers.tryton.office import Office

SECRET = "DRAWBRIDGE_SECRET_LEDGER_URL"
MARIADB = pytest.param("own-mysql", marks=pytest.mark.mariadb)
STAMPING = [
    "sage100-postgresql",
    "sage300-postgresql",
    "sage300-sqlite",
    "own-postgresql",
    "own-sqlite",
    MARIADB,
]
TRYTON = pytest.param("tryton-sqlite", marks=pytest.mark.tryton)
KEEPING = [*STAMPING, TRYTON]
"""Books that stamp their own rows."""
ALL = [*KEEPING, "drop-csv", "drop-json"]

type Hire = Callable[[str], Awaitable[Clerk]]


def opened(monkeypatch: pytest.MonkeyPatch, preset: str, url: str) -> LedgerSource:
    monkeypatch.setenv(SECRET, url)
    return open_ledger({"preset": preset, "url": f"env:{SECRET}", "time_zone": "America/Denver"})


class TrytonOffice:
    """One Tryton for all tests of a run, started by the first that asks; each gets fresh books in it."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._running: tuple[Memory, Office] | None = None

    async def hire(self, monkeypatch: pytest.MonkeyPatch) -> TrytonClerk:
        """A clerk at an office where nothing has happened yet."""
        if self._running is None:
            server, office, fresh = await self._stack.enter_async_context(running_office())
            self._running = Memory(server, fresh), office
        memory, office = self._running
        await memory.forget()
        monkeypatch.setenv(SECRET, memory.server.url)
        ledger = open_ledger({"tryton": f"env:{SECRET}", "time_zone": "America/Denver"})
        desk = Desk(memory.server.url)
        desk.context["company"] = office.company
        return TrytonClerk(desk, office, memory, ledger)


class MariadbBooks:
    """One MariaDB for all tests of a run, started by the first that asks; each gets its own database."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._server: MariadbInstance | None = None

    async def fresh(self) -> str:
        """The URL of an empty database."""
        if self._server is None:
            self._server = await start_mariadb()
            self._stack.callback(self._server.close)
        name = f"books_{uuid4().hex}"
        tables = Tables(self._server.url)
        await tables.execute(f"CREATE DATABASE {name}")
        await tables.close()
        return self._server.url.replace("/mysql", f"/{name}")


@pytest_asyncio.fixture(scope="session")
async def at_mariadb() -> AsyncIterator[MariadbBooks]:
    async with AsyncExitStack() as stack:
        yield MariadbBooks(stack)


@pytest_asyncio.fixture(scope="session")
async def at_tryton() -> AsyncIterator[TrytonOffice]:
    async with AsyncExitStack() as stack:
        yield TrytonOffice(stack)


async def sql_clerk(kind: str, url: str, ledger: LedgerSource) -> OwnClerk | Sage100Clerk | Sage300Clerk:
    if kind == "sage100":
        return Sage100Clerk(await asyncpg.connect(url), ledger)
    return (OwnClerk if kind == "own" else Sage300Clerk)(Tables(url), ledger)


@pytest_asyncio.fixture
async def hire(
    postgres_database: str,
    at_mariadb: MariadbBooks,
    at_tryton: TrytonOffice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Hire]:
    hired: list[Clerk] = []

    async def url_of(database: str) -> str:
        if database == "postgresql":
            return postgres_database
        if database == "mysql":
            return await at_mariadb.fresh()
        return f"sqlite:///{tmp_path / 'books.sqlite'}"

    async def clerk_of(books: str) -> Clerk:
        kind, database = books.split("-")
        if kind == "drop":
            hired.append(dropping := DropClerk(tmp_path, database))
            return dropping
        if kind == "tryton":
            hired.append(typing := await at_tryton.hire(monkeypatch))
            return typing
        url = await url_of(database)
        preset = own_preset(tmp_path) if kind == "own" else kind
        ledger = opened(monkeypatch, preset, url)
        clerk = await sql_clerk(kind, url, ledger)
        hired.append(clerk)
        await clerk.create()
        return clerk

    yield clerk_of
    for each in hired:
        await each.close()


@pytest_asyncio.fixture(params=ALL)
async def clerk(request: pytest.FixtureRequest, hire: Hire) -> Clerk:
    return await hire(request.param)
