"""What commits together, and what leaves no trace."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Integer, bindparam, false, func, literal, select, text
from sqlalchemy.exc import DBAPIError

from drawbridge.persistence import (
    Database,
    OutboxReader,
    PreparedRead,
    RawOutgoing,
    current_epoch,
    raise_epoch,
)
from drawbridge.persistence.raw import Properties
from tests.factories.core import CAUSE, Noted, count, sample_database


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        yield made


async def test_message_and_effect_are_committed_together(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(text("INSERT INTO effects VALUES ('a')"))
        message_id = tx.send(Noted(text="a"), cause=CAUSE)
    [row] = await OutboxReader(database).unsent(10)
    assert row.envelope is not None
    assert (row.envelope.id, row.envelope.type, row.envelope.source) == (
        message_id,
        Noted.TYPE,
        "sample-service",
    )
    assert (row.envelope.subject, row.envelope.correlation_id) == ("note/main/a", "story")
    assert row.envelope.time == tx.now
    assert await count(database, "effects") == 1


async def test_rollback_sends_nothing(database: Database) -> None:
    async def fails() -> None:
        async with database.transaction() as tx:
            await tx.session.execute(text("INSERT INTO effects VALUES ('a')"))
            tx.send(Noted(text="a"), cause=CAUSE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    assert await OutboxReader(database).unsent(10) == []
    assert await count(database, "effects") == 0


async def test_commit_wakes_who_listens_to_the_outbox(database: Database, postgres_database: str) -> None:
    heard: list[str] = []
    connection = await asyncpg.connect(postgres_database)
    try:
        await connection.add_listener("sample_outbox", lambda *call: heard.append(call[2]))
        async with database.transaction() as tx:
            tx.send(Noted(text="a"), cause=CAUSE)
        await connection.execute("SELECT pg_sleep(0.05)")
    finally:
        await connection.close()
    assert heard == ["sample_outbox"]


async def test_raw_message_keeps_its_id_and_passes_more_than_once(database: Database) -> None:
    for _ in range(2):
        async with database.transaction() as tx:
            tx.send_raw(RawOutgoing("x", "k", b"\x00", {"h": 1}, Properties(message_id="not a uuid")))
    first, second = await OutboxReader(database).unsent(10)
    assert first.message_id == second.message_id == "not a uuid"
    assert first.row_id != second.row_id
    assert (first.body, first.headers, first.envelope) == (b"\x00", {"h": 1}, None)


async def test_outbox_is_read_in_the_order_of_sending(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(50):
            tx.send(Noted(text=str(number)), cause=CAUSE)
    rows = await OutboxReader(database).unsent(100)
    assert [row.envelope.subject for row in rows if row.envelope] == [f"note/main/{n}" for n in range(50)]


async def test_looks_stand_alone_and_leave_the_connection_as_it_was(database: Database) -> None:
    moment = text("SELECT now()")
    async with database.looking() as session:
        first, second = [(await session.execute(moment)).scalar_one() for _ in range(2)]
    assert first < second, "now() stays the same inside a transaction"
    async with database.reading() as session:
        first, second = [(await session.execute(moment)).scalar_one() for _ in range(2)]
    assert first == second


async def test_prepared_reads_take_the_values_that_they_ask_for_and_stand_alone(database: Database) -> None:
    number = bindparam("number", type_=Integer)
    read = PreparedRead(select(number.label("number"), literal("told").label("word"), func.now().label("at")))
    async with database.prepared() as reads:
        (first,) = await reads.all(read, {"number": 7, "unasked": None})
        second = await reads.first(read, {"number": 8})
    assert second is not None
    assert ((first["number"], first["word"]), second["number"]) == ((7, "told"), 8)
    assert first["at"] < second["at"], "now() stays the same inside a transaction"
    async with database.prepared() as reads:
        assert await reads.first(PreparedRead(select(number).where(false())), {"number": 1}) is None


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with database.reading() as session:
            await session.execute(text("INSERT INTO effects VALUES ('a')"))


async def test_epoch_starts_at_zero_and_is_raised_by_one(database: Database) -> None:
    async with database.transaction() as tx:
        assert await current_epoch(database, tx) == 0
        assert await raise_epoch(database, tx) == 1
    async with database.transaction() as tx:
        assert await current_epoch(database, tx) == 1


async def test_sent_messages_can_be_sent_again_under_their_ids(database: Database) -> None:
    reader = OutboxReader(database)
    async with database.transaction() as tx:
        message_id = tx.send(Noted(text="a"), cause=CAUSE)
    await reader.mark_published([message_id])
    assert await reader.count() == 0
    assert await reader.republish(tx.now) == 1
    assert await reader.republish(tx.now) == 0
    assert [row.row_id for row in await reader.unsent(10)] == [message_id]


async def test_connection_has_the_limits_that_the_core_relies_on(database: Database) -> None:
    async with database.reading() as session:
        found = {
            name: (await session.execute(text(f"SHOW {name}"))).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "search_path", "application_name")
        }
    assert found == {
        "statement_timeout": "10s",
        "lock_timeout": "5s",
        "search_path": "sample",
        "application_name": "sample-service",
    }
