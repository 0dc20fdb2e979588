"""How connections to PostgreSQL are made: the same limits for pooled and for own connections."""

from typing import Any

import asyncpg
from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from drawbridge.runtime import register_transient

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 12.0
"""The client's own limit on a statement: notices a server that no longer answers at all."""
_STATEMENT_TIMEOUT = "10s"
_LOCK_TIMEOUT = "5s"

_TRANSIENT_CLASSES = ("08", "40", "53", "57")
_LOCK_NOT_AVAILABLE = "55P03"


def asyncpg_url(url: SecretStr) -> URL:
    """Accept ``postgresql://``, the form that everybody knows, and name our driver."""
    parsed = make_url(url.get_secret_value()).set(drivername="postgresql+asyncpg")
    if "sslmode" in parsed.query:
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


def server_settings(application: str, schema: str | None = None) -> dict[str, str]:
    """Limits that the server enforces for a connection.

    The short keepalives let the server notice a client that is gone, and free its locks (design: "Outbox").
    """
    settings = {
        "application_name": application,
        "statement_timeout": _STATEMENT_TIMEOUT,
        "lock_timeout": _LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": "60s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "3",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "15000",
    }
    return settings | ({"search_path": schema} if schema else {})


def make_engine(url: SecretStr, *, application: str, schema: str, pool_size: int) -> AsyncEngine:
    """A pooled engine. The schema is in the server settings, never in an event hook (pitfall S11)."""
    return create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": COMMAND_SECONDS,
            "server_settings": server_settings(application, schema),
        },
    )


type OwnConnection = asyncpg.Connection[Any]
"""A connection outside the pool; its rows are not typed."""


async def own_connection(url: SecretStr, *, application: str) -> OwnConnection:
    """A connection outside the pool, for LISTEN, advisory locks and the admin's work."""
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    connection: OwnConnection = await asyncpg.connect(
        plain.render_as_string(hide_password=False),
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings=server_settings(application),
    )
    return connection


def is_database_transient(error: BaseException) -> bool:
    """Tell whether PostgreSQL was away, overloaded, or asked to try again (deadlock, lock timeout)."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _transient_state(error.orig)
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error) or "released" in str(error) or "another operation" in str(error)
    return _transient_state(error)


def _transient_state(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and (state[:2] in _TRANSIENT_CLASSES or state == _LOCK_NOT_AVAILABLE)


register_transient(is_database_transient)
