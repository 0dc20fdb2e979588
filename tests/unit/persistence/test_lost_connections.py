"""Which errors of the database are a lost connection, so that the part that meets them starts again."""

import asyncpg
import pytest

from drawbridge.persistence.connecting import DatabaseAway
from drawbridge.runtime import is_transient


@pytest.mark.parametrize(
    "error",
    [
        DatabaseAway("The database cannot be reached."),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.IdleSessionTimeoutError("terminating connection due to idle-session timeout"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_lost_connections_and_contention_pass(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.UniqueViolationError("duplicate key value"),
        asyncpg.UndefinedTableError("relation does not exist"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_mistakes_do_not_pass(error: Exception) -> None:
    assert not is_transient(error)
