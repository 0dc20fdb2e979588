"""Alembic for a service: its own schema, its own version table, and nobody else's tables in sight.

A service's ``migrations/env.py`` is three lines::

    from drawbridge.import_service.store.rows import metadata
    from drawbridge.persistence import run_environment

    run_environment(metadata, "imports")
"""

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, func, pool, select
from sqlalchemy.ext.asyncio import create_async_engine

from drawbridge.persistence.connecting import CONNECT_SECONDS, asyncpg_url, server_settings

_VERSION_TABLE = "alembic_version"
_LOCK_TIMEOUT = "2s"
"""Whoever wants the same table waits behind a waiting migration, so it must not wait for long."""
_STATEMENT_TIMEOUT = "60s"
_ONE_AT_A_TIME = asyncio.Lock()
"""Alembic keeps its context in globals of the process."""


async def upgrade(url: SecretStr, package: str) -> None:
    """Bring a service's schema (``drawbridge.import_service``) up to its newest migration.

    Two at once are safe: the second waits for the first, then finds nothing to do.
    """
    await _with_connection(url, lambda connection: command.upgrade(_config(package, connection), "head"))


async def missing(url: SecretStr, package: str) -> list[str]:
    """The revisions that `upgrade` would apply, oldest first; empty when the schema is up to date.

    A schema of a newer version than this code lacks nothing: old code runs beside it.
    """
    found: list[str] = []

    def compare(connection: Connection) -> None:
        config = _config(package, connection)
        config.attributes["missing"] = found
        command.current(config)

    await _with_connection(url, compare)
    return found


async def check(url: SecretStr, package: str) -> list[str]:
    """What the declared tables and the migrated schema differ in, one line each; empty when equal."""
    differences: list[str] = []

    def compare(connection: Connection) -> None:
        config = _config(package, connection)
        config.attributes["differences"] = differences
        command.current(config)

    await _with_connection(url, compare)
    return differences


def run_environment(metadata: MetaData, schema: str) -> None:
    """All of a service's ``env.py``: run migrations, or compare, on the connection that was handed over."""
    attributes = context.config.attributes
    connection: Connection = attributes["connection"]

    def include_name(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "schema" or name == schema

    options: dict[str, Any] = {
        "target_metadata": metadata,
        "include_schemas": True,
        "include_name": include_name,
        "version_table": _VERSION_TABLE,
        "version_table_schema": schema,
        "compare_type": True,
        "compare_server_default": False,
    }
    if "differences" in attributes:
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        attributes["differences"].extend(str(each) for each in found)
        return
    if "missing" in attributes:
        attributes["missing"].extend(_missing(MigrationContext.configure(connection, opts=options)))
        return
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        _wait_for_others(connection, schema)
        context.run_migrations()


def _missing(migrations: MigrationContext) -> list[str]:
    """Revisions of the code that the database has not seen; none where it is ahead of us."""
    script = ScriptDirectory.from_config(context.config)
    known = [revision.revision for revision in script.walk_revisions()][::-1]
    present = migrations.get_current_revision()
    if present is None:
        return known
    return known[known.index(present) + 1 :] if present in known else []


def _wait_for_others(connection: Connection, schema: str) -> None:
    """One migration at a time; waiting for another one is not limited like waiting for a table is."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_STATEMENT_TIMEOUT}'")
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{schema} migrations", 0))))
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")


def _config(package: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files(package) / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _with_connection(url: SecretStr, work: Callable[[Connection], None]) -> None:
    """Run blocking Alembic on an async connection; a lock that is not had in 2 s ends it."""
    settings = server_settings("drawbridge migrations")
    settings |= {"lock_timeout": _LOCK_TIMEOUT, "statement_timeout": _STATEMENT_TIMEOUT}
    settings["search_path"] = "pg_catalog"  # else a role named as its schema hides that from the comparison
    engine = create_async_engine(
        asyncpg_url(url),
        poolclass=pool.NullPool,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": settings},
    )
    try:
        async with _ONE_AT_A_TIME, engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()
