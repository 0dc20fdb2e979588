"""A small service for the tests of the delivery core: one schema with the core tables, two messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from pydantic import SecretStr
from sqlalchemy import func, select, text

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.message import Event
from drawbridge.contracts.topology import PARKED_QUEUE, Binding, Exchange, Queue, Topology
from drawbridge.persistence import Database, NewWork

SCHEMA = "sample"
QUEUE = "sample.events"
EVENTS = "drawbridge.events"
CAUSE = Cause(correlation_id="story")

SAMPLE_TOPOLOGY = Topology(
    exchanges=(Exchange(EVENTS, "topic"), Exchange("drawbridge.dead", "fanout")),
    queues=(
        Queue(QUEUE, (Binding(EVENTS, "drawbridge.sample.noted.v1"),)),
        Queue(PARKED_QUEUE, (Binding("drawbridge.dead", ""),), dead_lettered=False),
    ),
)


class Noted(Event):
    """Somebody noted something."""

    TYPE: ClassVar[str] = "drawbridge.sample.noted.v1"
    text: str

    def subject(self) -> str:
        """What this message is about."""
        return f"note/main/{self.text}"


class Unrouted(Event):
    """An event that no queue takes."""

    TYPE: ClassVar[str] = "drawbridge.sample.unrouted.v1"
    text: str

    def subject(self) -> str:
        """What this message is about."""
        return f"note/main/{self.text}"


def work(subject: str, *, kind: str = "fetch", vault_id: str = "main", priority: int = 5) -> NewWork:
    """A work item to add."""
    return NewWork(kind, subject, vault_id, {"subject": subject}, CAUSE, priority=priority)


@asynccontextmanager
async def sample_database(url: str, *, pool_size: int = 5, create: bool = True) -> AsyncIterator[Database]:
    """A database whose schema ``sample`` has the core tables and a table ``effects``."""
    database = Database(SecretStr(url), schema=SCHEMA, service="sample-service", pool_size=pool_size)
    try:
        if create:
            await _create(database)
        yield database
    finally:
        await database.dispose()


async def count(database: Database, table: str, where: str = "true") -> int:
    """How many rows of a table fulfil a condition."""
    async with database.reading() as session:
        statement = select(func.count()).select_from(text(table)).where(text(where))
        return (await session.execute(statement)).scalar_one()


async def _create(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        await connection.run_sync(database.tables.outbox.metadata.create_all)
        await connection.execute(database.tables.epoch.insert().values(id=1, epoch=0))
        await connection.execute(text("CREATE TABLE effects (key text NOT NULL, note text)"))
