"""The commands that every service has for its own schema: ``migrate``, ``republish``, ``after-restore``.

They need the service's own database URL and nothing else; the broker may be away.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from drawbridge.contracts.snapshots import Owner
from drawbridge.persistence.database import Database
from drawbridge.persistence.outbox import OutboxReader
from drawbridge.persistence.snapshots import Owned, after_restore
from drawbridge.runtime import DatabaseSettings, is_transient, load
from drawbridge.runtime.logs import mask_text


@dataclass(frozen=True, slots=True)
class ServiceSchema:
    """A service's schema, what it owns there, and whose subjects it reads; ``package`` has the migrations."""

    service: Owner
    schema: str
    package: str
    owned: Sequence[Owned]
    reads: Sequence[Owner]

    def database(self, url: SecretStr) -> Database:
        """The schema as its service sees it."""
        return Database(url, schema=self.schema, service=self.service, pool_size=2)


def add_schema_commands(app: typer.Typer, ours: ServiceSchema) -> None:
    """Add the three commands to a service's Typer app."""

    @app.command()
    def migrate(
        *,
        check: Annotated[
            bool, typer.Option("--check", help="Change nothing; exit code 1 when something is missing.")
        ] = False,
    ) -> None:
        """Bring the schema up to date; run it before a new version starts."""
        from drawbridge.persistence.migrations import missing, upgrade  # noqa: PLC0415  # Alembic, only here

        url = load(DatabaseSettings).database_url
        if not check:
            _run(lambda: upgrade(url, ours.package))
            return
        behind = _run(lambda: missing(url, ours.package))
        typer.echo(f"{ours.schema} lacks {', '.join(behind)}." if behind else f"{ours.schema} is up to date.")
        raise typer.Exit(int(bool(behind)))

    @app.command()
    def republish(
        since: Annotated[
            str, typer.Option(help="ISO 8601, like 2026-03-01T08:00:00Z; without a zone it is UTC.")
        ],
    ) -> None:
        """Send again, under the same ids, what was sent since then: RabbitMQ has lost its data."""
        moment = _moment(since)
        url = load(DatabaseSettings).database_url
        count = _run(lambda: _republish(ours, url, moment))
        typer.echo(f"{count} messages sent since {moment.isoformat()} are to be sent again by the worker.")

    @app.command("after-restore")
    def restored() -> None:
        """Let the others believe this schema again after it was restored from a backup.

        Stop the worker first and start it afterwards: it tells the whole state, and the others follow it.
        """
        url = load(DatabaseSettings).database_url
        _run(lambda: _after_restore(ours, url))


async def _republish(ours: ServiceSchema, url: SecretStr, since: datetime) -> int:
    database = ours.database(url)
    try:
        return await OutboxReader(database).republish(since)
    finally:
        await database.dispose()


async def _after_restore(ours: ServiceSchema, url: SecretStr) -> None:
    database = ours.database(url)
    try:
        done = await after_restore(database, ours.owned, ours.reads, typer.echo)
    finally:
        await database.dispose()
    typer.echo(
        f"Epoch {done.epoch}: {done.subjects} subjects. "
        f"Start the worker of {ours.service}: it tells them as snapshot {done.snapshot_id}."
    )


def _run[T](work: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run it; a database that is away or says no is one sentence and exit code 1."""
    try:
        return asyncio.run(work())
    except (DBAPIError, asyncpg.PostgresError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        reason = " ".join(mask_text(str(cause)).split()) or type(cause).__name__
        words = "does not answer" if is_transient(error) else "refuses"
        typer.echo(f"PostgreSQL {words}: {reason}", err=True)
        raise typer.Exit(1) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("Write it like 2026-03-01T08:00:00Z.", param_hint="--since") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
