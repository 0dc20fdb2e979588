"""From a database URL to the async driver that reads it."""

from importlib.util import find_spec
from urllib.parse import quote

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from drawbridge.contracts.errors import Refused

_DRIVERS = {
    "postgresql": "asyncpg",
    "sqlite": "aiosqlite",
    "mssql": "aioodbc",
    "mysql": "asyncmy",
    "mariadb": "asyncmy",
}
_ADVICE = "Give a URL such as postgresql://user:password@host/database or sqlite:////folder/books.sqlite."


def ledger_address(secret: SecretStr) -> SecretStr:
    """Choose the async driver of a ledger's URL; a SQLite file is opened for reading only.

    Raises:
        Refused: ``ledger_settings``, when it is no database URL or its driver is not installed.
    """
    try:
        url = make_url(secret.get_secret_value())
    except (ArgumentError, ValueError):
        raise Refused("ledger_settings", "The ledger's URL is no database URL.", _ADVICE) from None
    backend = url.get_backend_name()
    driver = _DRIVERS.get(backend)
    if driver is None:
        raise Refused("ledger_settings", f"Ledgers on {backend} cannot be read.", _ADVICE)
    if find_spec(driver) is None:
        raise Refused(
            "ledger_settings",
            f"Reading a ledger on {backend} needs the Python package {driver}, which is not installed.",
            f"Install {driver} beside payment-backfiller, or read a PostgreSQL copy of the ledger.",
        )
    url = url.set(drivername=f"{backend}+{driver}")
    return SecretStr(_only_reading(url).render_as_string(hide_password=False))


def _only_reading(url: URL) -> URL:
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:":
        raise Refused("ledger_settings", "The ledger's URL names no SQLite file.", _ADVICE)
    return url.set(database=f"file:{quote(url.database)}", query={"mode": "ro", "uri": "true"})
