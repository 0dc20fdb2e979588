"""Rows that are copied in arrive as they were, with their transaction or not at all."""

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from sqlalchemy import Column, MetaData, Numeric, Table, Text, select, text

from drawbridge.persistence import Database, Transaction, copy_in
from tests.factories.core import sample_database

AWKWARD = ["plain", "", "\\N", "tab\tnew\nline\rback\\slash", "quote ' \"", "Ünï ☃", None]
TABLE = Table("copied", MetaData(), Column("name", Text), Column("amount", Numeric(18, 4)))


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        async with made.transaction() as tx:
            await tx.session.execute(text("CREATE TABLE copied (name text, amount numeric(18, 4) DEFAULT 7)"))
        yield made


async def copy_names(tx: Transaction, names: Sequence[str | None]) -> None:
    await copy_in(tx.session, TABLE, {"name": names})


async def names_and_amounts(database: Database) -> list[tuple[str | None, int]]:
    async with database.reading() as session:
        return [(name, int(amount)) for name, amount in await session.execute(select(TABLE))]


async def test_every_text_arrives_as_it_was_and_the_rest_by_default(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(select(1))
        await copy_names(tx, AWKWARD)
    assert await names_and_amounts(database) == [(name, 7) for name in AWKWARD]


async def test_thousands_of_rows_arrive(database: Database) -> None:
    names = [str(number) for number in range(2_500)]
    async with database.transaction() as tx:
        await tx.session.execute(select(1))
        await copy_names(tx, names)
    assert [name for name, _ in await names_and_amounts(database)] == names


async def copy_and_fail(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(select(1))
        await copy_names(tx, AWKWARD)
        raise ZeroDivisionError


async def test_a_transaction_that_fails_takes_them_along(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await copy_and_fail(database)
    assert await names_and_amounts(database) == []


async def copy_first(database: Database) -> None:
    async with database.transaction() as tx:
        await copy_names(tx, AWKWARD)


async def test_rows_outside_a_transaction_are_refused(database: Database) -> None:
    with pytest.raises(RuntimeError, match="outside the session's transaction"):
        await copy_first(database)
