from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from drawbridge.ledgers import LedgerSource, open_ledger
from tests.factories.sage import SageBooks


@pytest_asyncio.fixture
async def books(postgres_database: str) -> AsyncIterator[SageBooks]:
    connection = await asyncpg.connect(postgres_database)
    books = SageBooks(connection)
    await books.create()
    yield books
    await connection.close()


@pytest_asyncio.fixture
async def ledger(
    postgres_database: str, books: SageBooks, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LedgerSource]:
    del books  # the tables must be there first
    monkeypatch.setenv("DRAWBRIDGE_SECRET_SAGE_URL", postgres_database)
    ledger = open_ledger(
        {
            "preset": "sage100",
            "url": "env:DRAWBRIDGE_SECRET_SAGE_URL",
            "time_zone": "America/Denver",
            "currency": "USD",
        }
    )
    yield ledger
    await ledger.close()
