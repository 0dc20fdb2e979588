"""What a database error of a ledger means: come back later, or a person must change something."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from drawbridge.contracts.errors import Refused, Retryable

_SHAPE = ("42", "0A", "22")
_LOGIN = ("28", "3D")


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
    state = str(getattr(cause, "sqlstate", None) or "")
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
