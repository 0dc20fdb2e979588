"""A service's database: one schema, one role, and the only ways to open a transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast
from weakref import WeakSet

from pydantic import SecretStr
from sqlalchemy import AdaptedConnection, delete, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from drawbridge.persistence.connecting import DatabaseAway, OwnConnection, make_engine
from drawbridge.persistence.prepared import PreparedReads
from drawbridge.persistence.rows import service_metadata
from drawbridge.persistence.tables import CoreTables, core_tables
from drawbridge.persistence.transaction import Transaction
from drawbridge.persistence.work_item import LeaseLost, NewWork, WorkItem, held
from drawbridge.runtime import failpoints, utc_now

_BEFORE_COMMIT = failpoints.declare("transaction.before_commit")
_AFTER_COMMIT = failpoints.declare("transaction.after_commit")


class Database:
    """The engine of one service and its transactions. ``service`` is the source of its messages."""

    def __init__(self, url: SecretStr, *, schema: str, service: str, pool_size: int = 10) -> None:
        self.url = url
        self.schema = schema
        self.service = service
        self.engine: AsyncEngine = make_engine(url, application=service, schema=schema, pool_size=pool_size)
        self._opened: WeakSet[OwnConnection] = WeakSet()
        event.listen(self.engine.sync_engine, "connect", self._remember)
        self.tables: CoreTables = core_tables(service_metadata(schema))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit on a clean exit, roll back on any error; messages go out only with the commit.

        Raises:
            DatabaseAway: when no connection can be had.
        """
        async with self._connection() as connection, _session_on(connection) as session:
            async with session.begin():
                tx = Transaction(session, self.tables, self.schema, utc_now())
                yield tx
                await tx.settle()
                failpoints.hit(_BEFORE_COMMIT)
            failpoints.hit(_AFTER_COMMIT)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that PostgreSQL keeps from writing.

        Raises:
            DatabaseAway: when no connection can be had.
        """
        async with self._connection() as connection:
            await connection.execution_options(postgresql_readonly=True)
            async with _session_on(connection) as session, session.begin():
                yield session

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncSession]:
        """Reads that each stand alone, without a transaction around them: for what is read most often.

        Raises:
            DatabaseAway: when no connection can be had.
        """
        async with self._connection() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            async with _session_on(connection) as session:
                yield session

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[PreparedReads]:
        """As `looking`, for statements that were compiled before: without SQLAlchemy's part of the work.

        Raises:
            DatabaseAway: when no connection can be had.
        """
        async with self._connection() as connection:
            yield await PreparedReads.on(connection)

    @asynccontextmanager
    async def bookkeeping(self) -> AsyncIterator[AsyncConnection]:
        """For the core's own rows, such as leases and sent marks: each statement commits by itself.

        So one statement costs one round trip and not three.
        """
        async with self._connection() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def finishing(self, item: WorkItem) -> AsyncIterator[Transaction]:
        """A transaction that ends the item, or begins it anew where it was asked for again meanwhile.

        Raises:
            LeaseLost: nothing is committed, because the item is done or another worker has it.
        """
        async with self.finishing_all([item]) as tx:
            yield tx

    @asynccontextmanager
    async def finishing_all(self, items: Sequence[WorkItem]) -> AsyncIterator[Transaction]:
        """The same for items that end together, or not at all.

        Raises:
            LeaseLost: nothing is committed, because one of them is done or another worker has it.
        """
        async with self.transaction() as tx:
            await self._end(tx, items)
            yield tx
        for item in items:
            item.ending.committed = True

    async def _end(self, tx: Transaction, items: Sequence[WorkItem]) -> None:
        """Take out the items; those that were asked for again begin anew."""
        table, by_id = self.tables.work_items, {item.id: item for item in items}
        ours = delete(table).where(table.c.id.in_(held(table, items)))
        ended = (
            await tx.session.execute(ours.returning(table.c.id, table.c.asked_again, table.c.priority))
        ).all()
        if lost := by_id.keys() - {row.id for row in ended}:
            item = by_id[min(lost)]
            raise LeaseLost(f"The lease on {item.kind} {item.subject} is no longer ours.")
        if again := [_anew(by_id[row.id], row.priority) for row in ended if row.asked_again]:
            await tx.add_work(*again)

    async def check(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            OSError | sqlalchemy.exc.DBAPIError: when it gives none.
        """
        async with self._connection() as connection:
            await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close all connections of the pool."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        connection = await self._connect()
        try:
            yield connection
        except TimeoutError:
            self._cut_connections()
            raise
        finally:
            await connection.close()

    async def _connect(self) -> AsyncConnection:
        try:
            return await self.engine.connect()
        except (OSError, PoolTimeout) as error:
            if isinstance(error, TimeoutError):
                self._cut_connections()
            raise DatabaseAway(f"The database cannot be reached: {type(error).__name__}.") from error

    def _remember(self, connection: DBAPIConnection, _record: object) -> None:
        self._opened.add(cast("AdaptedConnection", connection).driver_connection)

    def _cut_connections(self) -> None:
        """Cut them all: where one is silent its neighbours are too, and each would wait for itself.

        Even where another was answered meanwhile: after a half-open network new connections work while old
        ones stay silent, and to find that out costs each of them a whole statement's time.
        """
        for connection in list(self._opened):
            connection.terminate()
        self._opened.clear()


def _anew(item: WorkItem, priority: int) -> NewWork:
    """The unique item once more, as urgent as whoever asked again."""
    return NewWork(
        item.kind, item.subject, item.vault_id, item.payload, item.cause, priority=priority, unique=True
    )


def _session_on(connection: AsyncConnection) -> AsyncSession:
    return AsyncSession(connection, expire_on_commit=False)
