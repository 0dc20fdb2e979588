"""What a database error of a ledger means: come back later, or a person must change something."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from drawbridge.contracts.errors import Refused, Retryable

# SQLSTATE classes (PostgreSQL, ODBC), result codes of SQLite, error numbers of MySQL.
_SHAPE = (
    "42",
    "0A",
    "22",
    "SQLITE_ERROR",
    "SQLITE_NOTADB",
    "SQLITE_READONLY",
    "1054",
    "1064",
    "1142",
    "1146",
)
_LOGIN = ("28", "3D", "SQLITE_AUTH", "1044", "1045", "1049")
_SQLSTATE = 5
_FIRST_MYSQL = 1000


@contextmanager
def ledger_errors(ledger: str) -> Iterator[None]:
    """Translate errors of the driver; their texts are left out, for they may hold rows or addresses.

    Raises:
        Refused: ``ledger_login`` or ``ledger_unreadable``.
        Retryable: ``ledger_unreachable``, for everything that may pass.
    """
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise _translated(ledger, error) from None


def _translated(ledger: str, error: Exception) -> Refused | Retryable:
    cause = getattr(error, "orig", None) or error
    state = _state(cause)
    if state.startswith(_LOGIN):
        return Refused(
            "ledger_login",
            f"{ledger} refused the login ({state}).",
            "Check the user, password and database name of the ledger's URL.",
        )
    if state.startswith(_SHAPE):
        return Refused(
            "ledger_unreadable",
            f"{ledger} does not have the tables or columns that are read, or forbids reading them ({state}).",
            "Grant SELECT to the ledger's user, and check that the preset fits this version of the ledger.",
        )
    return Retryable(
        f"{ledger} could not be read ({state or type(cause).__name__}).",
        code="ledger_unreachable",
        advice="Check that the ledger's database is up and can be reached from here.",
    )


def _state(cause: BaseException) -> str:
    """The driver's code: an attribute of asyncpg's and sqlite3's errors, the first argument of others."""
    code = cause.args[0] if cause.args else None
    if (
        isinstance(code, int) and code >= _FIRST_MYSQL
    ):  # its SQLSTATEs say less: 42000 is an unknown database too
        return str(code)
    for member in ("sqlstate", "sqlite_errorname"):
        if isinstance(found := getattr(cause, member, None), str):
            return found
    inner = cause.__cause__
    if inner is not None:
        return _state(inner)
    return code if isinstance(code, str) and len(code) == _SQLSTATE else ""
