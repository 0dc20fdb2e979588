"""PostgreSQL: version, clock, and in each schema what is migrated, unsent, overdue or set aside."""

import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import asyncpg
from pydantic import SecretStr

from drawbridge.cli.doctor.finding import Finding, clock, well
from drawbridge.persistence import missing
from drawbridge.runtime.logs import mask_text

SCHEMAS = {
    "gateway": "drawbridge.gateway",
    "imports": "drawbridge.import_service",
    "cloud": "drawbridge.cloud_service",
    "payments": "drawbridge.payment_backfiller",
}
_OLDEST = 150000
_STUCK = timedelta(minutes=2)
_BEHIND = timedelta(minutes=15)
_SECONDS = 10


async def look_at_database(url: SecretStr) -> list[Finding]:
    """All findings; one when it does not answer. ``url`` is an administrator's, of Drawbridge's database."""
    try:
        connection = await asyncpg.connect(url.get_secret_value(), timeout=_SECONDS, command_timeout=_SECONDS)
    except (OSError, asyncpg.PostgresError) as error:
        reason = f"{type(error).__name__}: {mask_text(str(error))}"
        return [Finding("PostgreSQL", "red", f"does not take us ({reason})", "Start it, or correct the URL.")]
    try:
        found = await _server(connection)
        for schema, package in SCHEMAS.items():
            found += await _schema(connection, url, schema, package)
        return found
    finally:
        await connection.close()


async def _server(connection: Any) -> list[Finding]:  # noqa: ANN401  # asyncpg's rows are not typed
    before = time.time()
    theirs = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    ahead = theirs - min(max(theirs, before), time.time())  # it was read at some time in between
    number = connection.get_server_version()
    version = f"answers, version {number.major}.{number.minor}"
    old = number.major * 10_000 < _OLDEST
    server = Finding("PostgreSQL", "red", version, "Upgrade it to 15 or newer.") if old else None
    return [server or well("PostgreSQL", version), clock("Clock of PostgreSQL", ahead)]


async def _schema(connection: Any, url: SecretStr, schema: str, package: str) -> list[Finding]:  # noqa: ANN401  # as above
    revision = await _revision(connection, schema)
    if revision is None:
        advice = "Run drawbridge database provision, then its migrate."
        return [Finding(f"Schema {schema}", "red", "is not migrated", advice)]
    row = await connection.fetchrow(f"""
        SELECT (SELECT now() - min(created_at) FROM {schema}.outbox
                WHERE published_at IS NULL AND quarantined_at IS NULL) AS unsent,
               (SELECT count(*) FROM {schema}.outbox WHERE quarantined_at IS NOT NULL) AS aside,
               (SELECT now() - min(next_attempt_at) FROM {schema}.work_items
                WHERE next_attempt_at <= now() AND (leased_until IS NULL OR leased_until <= now())) AS overdue
    """)  # noqa: S608  # the names above
    found = [*await _migrations(url, schema, package), *_lag(schema, row)]
    return found or [well(f"Schema {schema}", f"revision {revision}; nothing is late")]


async def _revision(connection: Any, schema: str) -> str | None:  # noqa: ANN401  # as above
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.alembic_version") is None:
        return None
    found: str | None = await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")  # noqa: S608  # the names above
    return found


async def _migrations(url: SecretStr, schema: str, package: str) -> list[Finding]:
    """What the code beside this command would add; nothing is said where that code is not installed."""
    if find_spec(package) is None:
        return []
    behind = await missing(url, package)
    if not behind:
        return []
    advice = f"Run python -m {package} migrate."
    return [Finding(f"Schema {schema}", "red", f"lacks the migrations {', '.join(behind)}", advice)]


def _lag(schema: str, row: Any) -> Iterator[Finding]:  # noqa: ANN401  # as above
    if row["unsent"] is not None and row["unsent"] > _STUCK:
        advice = "See docs/runbooks.md, Outbox stuck."
        yield Finding(
            f"Outbox of {schema}", "red", f"the oldest message waits for {_words(row['unsent'])}", advice
        )
    if row["aside"]:
        advice = "See docs/runbooks.md, Outbox stuck: no queue takes them."
        yield Finding(f"Outbox of {schema}", "red", f"{row['aside']} messages were set aside", advice)
    if row["overdue"] is not None and row["overdue"] > _BEHIND:
        advice = "See docs/runbooks.md, Work is behind."
        yield Finding(
            f"Work of {schema}", "look", f"the longest due waits for {_words(row['overdue'])}", advice
        )


def _words(span: timedelta) -> str:
    return str(timedelta(seconds=int(span.total_seconds())))
