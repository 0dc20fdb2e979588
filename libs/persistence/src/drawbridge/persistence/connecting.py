"""How connections to PostgreSQL are made: the same limits for pooled and for own connections."""

from typing import Any

import asyncpg
from pydantic import SecretStr
from pydantic_core import from_json, to_json
from sqlalchemy import URL, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from drawbridge.runtime import register_transient

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 12.0
"""The client's own limit on a statement: notices a server that no longer answers at all."""
_STATEMENT_TIMEOUT = "10s"
_LOCK_TIMEOUT = "5s"

_AWAY = ("08", "53", "57")
_CONTENTION = ("40001", "40P01", "55P03", "57014")


class Dialect(PGDialect_asyncpg):
    """SQLAlchemy's own for asyncpg, but it asks a pooled connection for a sign of life in one round trip.

    The original begins and ends a transaction around the question, for the sake of poolers that we do not
    support: three round trips before each of our transactions, which have some ten themselves.
    """

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: DBAPIConnection) -> bool:
        """Ask without a transaction; raises when there is no answer."""
        dbapi_connection.autocommit = True
        try:
            return bool(super().do_ping(dbapi_connection))  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
        finally:
            dbapi_connection.autocommit = False


registry.register("postgresql.drawbridge", __name__, "Dialect")


def asyncpg_url(url: SecretStr) -> URL:
    """Accept ``postgresql://``, the form that everybody knows, and name our driver."""
    parsed = make_url(url.get_secret_value()).set(drivername="postgresql+drawbridge")
    if "sslmode" in parsed.query:
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


def server_settings(application: str, schema: str | None = None) -> dict[str, str]:
    """Limits that the server enforces for a connection.

    The short keepalives let the server notice a client that is gone, and free its locks.
    """
    settings = {
        "application_name": application,
        "statement_timeout": _STATEMENT_TIMEOUT,
        "lock_timeout": _LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": "15s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "3",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "15000",
        # A plan made while a table was small would stay when it is large.
        "plan_cache_mode": "force_custom_plan",
    }
    return settings | ({"search_path": schema} if schema else {})


def make_engine(url: SecretStr, *, application: str, schema: str, pool_size: int) -> AsyncEngine:
    """A pooled engine. The schema is in the server settings, never in an event hook."""
    engine = create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
        json_serializer=_json_text,
        json_deserializer=from_json,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": COMMAND_SECONDS,
            "server_settings": server_settings(application, schema),
        },
    )
    event.listen(engine.sync_engine, "handle_error", _silence_is_a_lost_connection)
    return engine


def _json_text(value: object) -> str:
    """JSON by pydantic's serialiser, some times faster than the standard library's."""
    return to_json(value).decode()


def _silence_is_a_lost_connection(error: ExceptionContext) -> None:
    """A statement that outlives even the client's limit has no server any more: drop the connection."""
    if isinstance(error.original_exception, TimeoutError):
        error.is_disconnect = True


type OwnConnection = asyncpg.Connection[Any]
"""A connection outside the pool; its rows are not typed."""


async def own_connection(
    url: SecretStr, *, application: str, idle_seconds: int | None = None
) -> OwnConnection:
    """A connection outside the pool, for LISTEN, advisory locks and the admin's work.

    With ``idle_seconds`` the server ends it, and frees its locks, when it is silent for so long.
    """
    settings = server_settings(application)
    if idle_seconds is not None:
        settings["idle_session_timeout"] = f"{idle_seconds}s"
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    connection: OwnConnection = await asyncpg.connect(
        plain.render_as_string(hide_password=False),
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings=settings,
    )
    return connection


class DatabaseAway(ConnectionError):
    """PostgreSQL could not be reached, or all our connections to it are in use."""


def is_contention(error: BaseException) -> bool:
    """Tell whether PostgreSQL itself ended the statement: deadlock, lock timeout, statement timeout.

    Usually the next try succeeds; a message that causes it every time is at fault itself.
    """
    return _state(error) in _CONTENTION


def is_database_transient(error: BaseException) -> bool:
    """Tell whether PostgreSQL was away, overloaded, or asked to try again."""
    if isinstance(error, DatabaseAway | asyncpg.InternalClientError):
        # The second: asyncpg's own state broke, as when the server ended a connection while we were frozen.
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    return _state(error)[:2] in _AWAY or is_contention(error)


def _state(error: BaseException) -> str:
    """The SQLSTATE of an error, or an empty text."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


register_transient(is_database_transient)
