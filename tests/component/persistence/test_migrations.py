"""Each service migrates its own schema as its own role, and sees nobody else's tables."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from drawbridge.persistence import Database, check, provision, upgrade
from drawbridge.testkit.servers import Server

ENVIRONMENT = """
from sqlalchemy import Column, Text, Table
from drawbridge.persistence import core_tables, run_environment, service_metadata

metadata = service_metadata("{schema}")
core_tables(metadata)
Table("{schema}_notes", metadata, Column("id", Text, primary_key=True){extra})
run_environment(metadata, "{schema}")
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
from drawbridge.persistence import create_core_tables, drop_core_tables

revision = "0001"
down_revision = None

def upgrade():
    create_core_tables(op)
    op.create_table("{schema}_notes", sa.Column("id", sa.Text, primary_key=True), schema="{schema}")

def downgrade():
    op.drop_table("{schema}_notes", schema="{schema}")
    drop_core_tables(op)
"""

_UPGRADE = """
import asyncio, os
from pydantic import SecretStr
from drawbridge.persistence import upgrade
asyncio.run(upgrade(SecretStr(os.environ["URL"]), "sample_alpha"))
"""


@pytest.fixture(autouse=True)
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two services ``sample_alpha`` and ``sample_beta`` with a schema and a table each."""
    for schema in ("alpha", "beta"):
        _write_service(tmp_path, schema)
        monkeypatch.delitem(sys.modules, f"sample_{schema}", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest_asyncio.fixture
async def urls(postgres_server: Server, postgres_database: str) -> dict[str, SecretStr]:
    """The URL of each service's own role."""
    admin = make_url(postgres_database)
    name = str(admin.database)
    roles = {schema: (f"{schema}_{name}", SecretStr('it\'s "secret"')) for schema in ("alpha", "beta")}
    for _ in range(2):
        await provision(SecretStr(postgres_server.url), database=name, services=roles)
    return {
        schema: SecretStr(
            admin.set(username=role, password=password.get_secret_value()).render_as_string(
                hide_password=False
            )
        )
        for schema, (role, password) in roles.items()
    }


def _write_service(root: Path, schema: str, extra: str = "") -> None:
    versions = root / f"sample_{schema}" / "migrations" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    (root / f"sample_{schema}" / "__init__.py").touch()
    (versions.parent / "env.py").write_text(ENVIRONMENT.format(schema=schema, extra=extra))
    (versions / "0001_start.py").write_text(FIRST.format(schema=schema))


async def test_services_migrate_side_by_side_and_see_no_drift(urls: dict[str, SecretStr]) -> None:
    for schema, url in urls.items():
        await upgrade(url, f"sample_{schema}")
    for schema, url in urls.items():
        assert await check(url, f"sample_{schema}") == []


async def test_migrations_of_several_processes_at_once_are_one(
    urls: dict[str, SecretStr], services: Path
) -> None:
    environment = os.environ | {"URL": urls["alpha"].get_secret_value(), "PYTHONPATH": str(services)}
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _UPGRADE, env=environment)
        for _ in range(3)
    ]
    assert [await process.wait() for process in started] == [0, 0, 0]
    assert await check(urls["alpha"], "sample_alpha") == []


async def test_migrations_in_one_process_wait_for_one_another(urls: dict[str, SecretStr]) -> None:
    await asyncio.gather(*(upgrade(urls["alpha"], "sample_alpha") for _ in range(3)))
    assert await check(urls["alpha"], "sample_alpha") == []


async def test_drift_is_found(urls: dict[str, SecretStr], services: Path) -> None:
    await upgrade(urls["alpha"], "sample_alpha")
    _write_service(services, "alpha", ', Column("added", Text)')
    [difference] = await check(urls["alpha"], "sample_alpha")
    assert "add_column" in difference


async def test_migrated_schema_serves_the_core(urls: dict[str, SecretStr]) -> None:
    await upgrade(urls["alpha"], "sample_alpha")
    database = Database(urls["alpha"], schema="alpha", service="alpha-service")
    try:
        async with database.transaction() as tx:
            assert (await tx.session.execute(text("SELECT epoch FROM epoch"))).scalar_one() == 0
    finally:
        await database.dispose()


async def test_role_can_do_nothing_in_another_schema(urls: dict[str, SecretStr]) -> None:
    for schema, url in urls.items():
        await upgrade(url, f"sample_{schema}")
    database = Database(urls["alpha"], schema="alpha", service="alpha-service")
    try:
        with pytest.raises(DBAPIError, match="permission denied for schema beta"):
            async with database.reading() as session:
                await session.execute(text("SELECT * FROM beta.inbox"))
    finally:
        await database.dispose()


async def test_role_cannot_create_in_the_public_schema(urls: dict[str, SecretStr]) -> None:
    connection = await asyncpg.connect(urls["alpha"].get_secret_value())
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.mine (id int)")
    finally:
        await connection.close()


async def test_provision_creates_a_missing_database(postgres_database: str) -> None:
    name = f"{make_url(postgres_database).database}_new"
    await provision(SecretStr(postgres_database), database=name, services={})
    connection = await asyncpg.connect(postgres_database)
    try:
        assert await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name) == 1
        await connection.execute(f'DROP DATABASE "{name}"')
    finally:
        await connection.close()
