"""Yesterday's backup of our database: every table of the schema, kept beside it and put back."""

from dataclasses import dataclass

import asyncpg

from drawbridge.payment_backfiller.store.tables import SCHEMA, core, metadata

_TABLES = sorted({table.name for table in metadata.sorted_tables} - {core.epoch.name})


@dataclass(frozen=True)
class Backups:
    """Taken and put back by the administrator, while no worker runs."""

    url: str

    async def empty(self) -> None:
        """Forget everything: a new history begins."""
        await self._execute(_truncate())

    async def take(self) -> None:
        """Keep a copy of all tables."""
        copies = [f"CREATE TABLE backup.{name} AS TABLE {SCHEMA}.{name}" for name in _TABLES]
        await self._execute("DROP SCHEMA IF EXISTS backup CASCADE", "CREATE SCHEMA backup", *copies)

    async def restore(self) -> None:
        """Put the copy back."""
        back = [
            f"INSERT INTO {SCHEMA}.{name} OVERRIDING SYSTEM VALUE SELECT * FROM backup.{name}"  # noqa: S608  # our own names
            for name in _TABLES
        ]
        await self._execute(_truncate(), *back)

    async def _execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def _truncate() -> str:
    names = ", ".join(f"{SCHEMA}.{name}" for name in _TABLES)
    return f"TRUNCATE {names}"
