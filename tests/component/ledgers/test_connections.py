"""A run has connections of its own to a SQL ledger; between runs there are none."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from drawbridge.ledgers import BillKey, LedgerSource
from tests.factories.sage import SageBooks
from tests.factories.waiting import becomes

_APART = "watcher"
_OTHERS = f"""
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename IS NOT NULL
  AND application_name NOT IN ('{_APART}', 'clerk')
"""  # noqa: S608  # constants


@pytest_asyncio.fixture
async def watcher(postgres_database: str, books: SageBooks) -> AsyncIterator[asyncpg.Connection]:
    """Sees who is connected to the ledger besides itself and the clerk who keeps the books."""
    await books.execute("SET application_name = 'clerk'")
    connection = await asyncpg.connect(postgres_database, server_settings={"application_name": _APART})
    yield connection
    await connection.close()


async def test_a_run_keeps_its_connection_and_gives_it_back(
    ledger: LedgerSource, books: SageBooks, watcher: asyncpg.Connection
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    pids = set[int]()
    for _ in range(3):
        assert len(await ledger.bills([BillKey(bill_id="1")])) == 1
        pids |= {row["pid"] for row in await watcher.fetch(_OTHERS)}
    assert len(pids) == 1

    await ledger.rest()
    await becomes(lambda: watcher.fetch(_OTHERS), [])
    assert len(await ledger.bills([BillKey(bill_id="1")])) == 1


async def test_a_connection_that_the_ledger_has_cut_is_not_used_again(
    ledger: LedgerSource, books: SageBooks, watcher: asyncpg.Connection
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    assert len(await ledger.bills([BillKey(bill_id="1")])) == 1
    await watcher.fetch(_OTHERS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
    assert len(await ledger.bills([BillKey(bill_id="1")])) == 1
