"""Tables in PostgreSQL, MariaDB or SQLite, written with the same statements."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg", "mysql": "asyncmy"}


class Tables:
    """A connection for tests; ``url`` is what a user would write."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        backend = address.get_backend_name()
        self.sqlite = backend == "sqlite"
        driver = f"{backend}+{_DRIVERS[backend]}"
        # MySQL's own timestamps change by themselves and are told in the session's time zone.
        self.timestamp = "datetime" if backend == "mysql" else "timestamp"
        self._engine = create_async_engine(address.set(drivername=driver), poolclass=NullPool)

    async def execute(self, statement: str, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                text(statement), {name: self._sent(each) for name, each in values.items()}
            )

    async def insert(self, table: str, **values: object) -> None:
        """Insert one row; names that SQL reserves come with their quotes."""
        names = ", ".join(values)
        keys = {name.strip('"').lower(): each for name, each in values.items()}
        marks = ", ".join(f":{key}" for key in keys)
        await self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", **keys)  # noqa: S608  the test's own

    async def close(self) -> None:
        await self._engine.dispose()

    def _sent(self, value: object) -> object:
        """SQLite knows neither dates nor decimals."""
        if not self.sqlite:
            return value
        if isinstance(value, datetime):
            return value.isoformat(sep=" ")
        if isinstance(value, date):
            return value.isoformat()
        return float(value) if isinstance(value, Decimal) else value
