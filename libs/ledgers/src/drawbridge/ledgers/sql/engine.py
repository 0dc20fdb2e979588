"""An engine that can only read, for each kind of database."""

from collections.abc import Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

CONNECT_SECONDS = 10
QUERY_SECONDS = 120
_NOT_KEPT: Mapping[str, Any] = {"poolclass": NullPool}
_KEPT: Mapping[str, Any] = {"pool_size": 2, "pool_pre_ping": True}
_ON_MYSQL = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')",  # double quotes are names everywhere else
)


class _SqliteConnection(Protocol):
    def create_function(self, name: str, narg: int, func: object, *, deterministic: bool) -> None: ...


def read_only_engine(url: SecretStr, zone: ZoneInfo) -> AsyncEngine:
    """Make the engine; ``url`` names its async driver, ``zone`` is where stamps without a zone belong.

    A connection is kept for the next query of a run, and given back when the run ends: jobs come once in a
    while, and an accounting system should not see idle ones. Nothing is kept of a SQLite file, which may be
    replaced. PostgreSQL, MySQL and SQLite refuse every write themselves; on SQL Server the login must have no
    right to write.
    """
    dialect = make_url(url.get_secret_value()).get_backend_name()
    engine = create_async_engine(
        url.get_secret_value(),
        **(_NOT_KEPT if dialect == "sqlite" else _KEPT),
        connect_args=_connect_args(dialect, zone),
        hide_parameters=True,
    )
    if dialect == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    if dialect == "sqlite":
        event.listen(engine.sync_engine, "connect", _teach_concat)
    if dialect in {"mysql", "mariadb"}:
        event.listen(engine.sync_engine, "connect", _forbid_writing)
    return engine


def _connect_args(dialect: str, zone: ZoneInfo) -> dict[str, Any]:
    if dialect == "postgresql":
        return {
            "timeout": CONNECT_SECONDS,
            "command_timeout": QUERY_SECONDS,
            "server_settings": {"timezone": str(zone)},
        }
    return {"timeout": CONNECT_SECONDS} if dialect == "sqlite" else {}


def _forbid_writing(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for statement in _ON_MYSQL:
        cursor.execute(statement)
    cursor.close()


def _teach_concat(connection: _SqliteConnection, _record: object) -> None:
    """SQLite has CONCAT since 3.44 only; presets use it, because every other database has it."""
    connection.create_function("concat", -1, _concat, deterministic=True)


def _concat(*parts: object) -> str:
    return "".join("" if part is None else str(part) for part in parts)
