"""An upgrade of a schema in use: old code goes on beside it, and a migration holds nobody for long."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from drawbridge.persistence import Database, check, missing, provision, upgrade
from drawbridge.testkit.servers import Server
from tests.factories.core import CAUSE, Noted

PACKAGE = "sample_growing"
ENVIRONMENT = """
from sqlalchemy import Column, Table, Text
from drawbridge.persistence import core_tables, run_environment, service_metadata

metadata = service_metadata("growing")
core_tables(metadata)
Table("notes", metadata, Column("id", Text, primary_key=True){extra})
run_environment(metadata, "growing")
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
from drawbridge.persistence import create_core_tables

revision, down_revision = "0001", None

def upgrade():
    create_core_tables(op)
    op.create_table("notes", sa.Column("id", sa.Text, primary_key=True), schema="growing")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.add_column("notes", sa.Column("colour", sa.Text), schema="growing")
    op.execute("UPDATE growing.notes SET colour = 'none'")
"""
_INSERT = text("INSERT INTO notes (id) VALUES (:id)")


class Release:
    """The versions of a service's migrations, as they lie on disk."""

    def __init__(self, root: Path) -> None:
        self.versions = root / PACKAGE / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (root / PACKAGE / "__init__.py").touch()
        self._write("", "0001_first.py", FIRST)

    def next_one(self) -> None:
        """The release that adds a column."""
        self._write(', Column("colour", Text)', "0002_second.py", SECOND)

    def _write(self, extra: str, name: str, text_: str) -> None:
        (self.versions.parent / "env.py").write_text(ENVIRONMENT.format(extra=extra))
        (self.versions / name).write_text(text_)


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Release(tmp_path)


@pytest_asyncio.fixture
async def url(postgres_server: Server, postgres_database: str, release: Release) -> SecretStr:
    """The service's own role, on a schema of the first release."""
    assert release.versions.exists()
    admin = make_url(postgres_database)
    role = f"growing_{admin.database}"
    services = {"growing": (role, SecretStr("only-here"))}
    await provision(SecretStr(postgres_server.url), database=str(admin.database), services=services)
    own = SecretStr(admin.set(username=role, password="only-here").render_as_string(hide_password=False))
    await upgrade(own, PACKAGE)
    return own


@pytest_asyncio.fixture
async def old_code(url: SecretStr) -> AsyncIterator[Database]:
    """The service of the first release, which stays connected all the time."""
    database = Database(url, schema="growing", service="growing-service")
    yield database
    await database.dispose()


async def _handle(database: Database, number: int) -> None:
    """What a consumer does for one message: an effect and an event, in one transaction."""
    async with database.transaction() as tx:
        await tx.session.execute(_INSERT, {"id": str(number)})
        tx.send(Noted(text=str(number)), cause=CAUSE)


async def test_old_code_works_on_while_the_next_release_migrates(
    url: SecretStr, old_code: Database, release: Release
) -> None:
    for number in range(50):
        await _handle(old_code, number)
    assert await missing(url, PACKAGE) == []
    release.next_one()
    assert await missing(url, PACKAGE) == ["0002"]

    stop = asyncio.Event()

    async def consume() -> int:
        number = 100
        while not stop.is_set():
            await _handle(old_code, number)
            number += 1
        return number - 100

    consuming = asyncio.create_task(consume())
    await upgrade(url, PACKAGE)
    await _handle(old_code, 99)
    stop.set()
    handled = await consuming
    assert (await missing(url, PACKAGE), await check(url, PACKAGE)) == ([], [])
    async with old_code.reading() as session:
        rows = (await session.execute(text("SELECT count(*), count(colour) FROM notes"))).one()
        events = (await session.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
    assert rows[0] == events == 51 + handled, "nothing that was handled is missing"
    assert rows[1] >= 50, "what was there before has the new column's value"


async def test_a_migration_that_must_wait_gives_up_before_a_consumer_does(
    url: SecretStr, old_code: Database, release: Release
) -> None:
    release.next_one()
    reader = await asyncpg.connect(url.get_secret_value())
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM growing.notes")  # a report that takes long
            migrating = asyncio.create_task(upgrade(url, PACKAGE))
            await _until_it_waits(old_code)
            await _handle(old_code, 1)  # behind the migration; a consumer's own patience is 5 s
            with pytest.raises(DBAPIError, match="lock timeout"):
                await migrating
    finally:
        await reader.close()
    assert await missing(url, PACKAGE) == ["0002"], "nothing has changed, and it may be tried again"
    await upgrade(url, PACKAGE)


async def _until_it_waits(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'growing.notes'::regclass")
    async with asyncio.timeout(30):
        while True:
            async with database.reading() as session:
                if (await session.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.02)
