"""A server that is too busy to greet one more connection costs nobody anything; a silent one does."""

from collections.abc import AsyncIterator
from typing import NoReturn

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from drawbridge.persistence import Database
from drawbridge.persistence.connecting import DatabaseAway
from drawbridge.runtime import is_transient
from tests.factories.core import count, sample_database

LIMIT = "drawbridge.persistence.database.CONNECT_SECONDS"
"""Whoever has not been answered for so long is believed to be cut off."""


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        yield made


async def _ask_beside(database: Database) -> None:
    """Write, and meanwhile ask for a connection more, which takes too long."""

    def too_long(*_: object) -> NoReturn:
        raise TimeoutError

    async with database.transaction() as tx:
        await tx.session.execute(text("INSERT INTO effects VALUES ('a')"))
        event.listen(database.engine.sync_engine, "do_connect", too_long)
        try:
            with pytest.raises(DatabaseAway):
                await database.check()
        finally:
            event.remove(database.engine.sync_engine, "do_connect", too_long)


async def test_who_is_answered_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMIT, 3600.0)
    await _ask_beside(database)
    assert await count(database, "effects") == 1


async def test_where_nobody_is_answered_all_are_cut_and_come_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMIT, 0.0)
    with pytest.raises((DBAPIError, asyncpg.InterfaceError)) as caught:
        await _ask_beside(database)
    assert is_transient(caught.value)
    assert await count(database, "effects") == 0
