"""Reads whose text is made once: SQLAlchemy writes the statement, asyncpg alone runs it.

For what is read most often: building, looking up and running a statement through SQLAlchemy costs more than
PostgreSQL needs to answer it. Rows come as the driver gives them.
"""

from collections.abc import Mapping
from typing import Any, cast

import asyncpg
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from drawbridge.persistence.connecting import Dialect, OwnConnection

type Record = asyncpg.Record

_DIALECT = Dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it


class PreparedRead:
    """A SELECT with bound parameters (`sqlalchemy.bindparam`), compiled when it is made."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.text = str(compiled)
        self._own = dict(compiled.params)
        self._order = tuple(compiled.positiontup or ())

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values of its parameters in their order; ``values`` may hold more than it asks for."""
        given = {**self._own, **values}
        return [given[name] for name in self._order]


class PreparedReads:
    """Runs prepared reads on one pooled connection, each of them alone: there is no transaction."""

    def __init__(self, connection: OwnConnection) -> None:
        self._connection = connection

    @classmethod
    async def on(cls, connection: AsyncConnection) -> "PreparedReads":
        """On the driver's connection below this one."""
        raw = await connection.get_raw_connection()
        return cls(cast("OwnConnection", raw.driver_connection))

    async def all(self, read: PreparedRead, values: Mapping[str, Any]) -> list[Record]:
        """Every row."""
        return await self._connection.fetch(read.text, *read.arguments(values))

    async def first(self, read: PreparedRead, values: Mapping[str, Any]) -> Record | None:
        """The first row, if there is one."""
        return await self._connection.fetchrow(read.text, *read.arguments(values))
