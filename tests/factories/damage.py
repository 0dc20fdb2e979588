"""What operators fear: rows that are gone, spoilt or unknown, and a schema as it was yesterday."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import asyncpg

TABLES = (
    "gateway.projects",
    "gateway.procore_invoices",
    "gateway.invoices",
    "gateway.requests",
    "gateway.allocations",
    "gateway.invoice_payments",
    "gateway.jobs",
    "gateway.runs",
    "imports.invoice_payments",
    "payments.invoices",
    "cloud.procore_invoices",
)
"""Tables that keep what other services own."""

_SPOIL = {"payments.invoices": "net_due = net_due + 1"}
_SPOIL_DATA = "data = data || '{\"spoilt\": true}'"
_SOMETIMES_OLDER = "version = version - (hashtext(ctid::text) & 1)"

type Admin = asyncpg.Connection[asyncpg.Record]


@asynccontextmanager
async def administrator(url: str) -> AsyncIterator[Admin]:
    """A connection that may do everything."""
    connection: Admin = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def damage(admin: Admin, random: Random) -> dict[str, int]:
    """Of each table delete a fifth, spoil a fifth, and add copies of a fifth under keys that nobody has."""
    figures = {"deleted": 0, "spoilt": 0, "added": 0}
    for table in TABLES:
        ids = [row["ctid"] for row in await admin.fetch(f"SELECT ctid::text FROM {table}")]  # noqa: S608  # our own names
        random.shuffle(ids)
        some = max(1, len(ids) // 5)
        figures["added"] += await _add_unknown(admin, table, ids[2 * some : 3 * some])
        figures["deleted"] += await _count(
            admin,
            f"DELETE FROM {table} WHERE ctid::text = ANY($1)",  # noqa: S608  # our own names
            ids[:some],
        )
        changes = f"{_SPOIL.get(table, _SPOIL_DATA)}, {_SOMETIMES_OLDER}"
        figures["spoilt"] += await _count(
            admin,
            f"UPDATE {table} SET {changes} WHERE ctid::text = ANY($1)",  # noqa: S608  # our own names
            ids[some : 2 * some],
        )
    await admin.execute("DELETE FROM gateway.history WHERE hashtext(subject) % 3 = 0")
    return figures


async def back_up(admin: Admin, schema: str) -> None:
    """Copy all rows of a schema."""
    await admin.execute(f"CREATE SCHEMA backup_{schema}")
    for table in await _tables(admin, schema):
        copy = f"CREATE TABLE backup_{schema}.{table} AS SELECT * FROM {schema}.{table}"  # noqa: S608  # our own names
        await admin.execute(copy)


async def restore(admin: Admin, schema: str) -> None:
    """Bring all rows of a schema back to the copy."""
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")  # no foreign keys meanwhile
        for table in await _tables(admin, schema):
            copied = f"OVERRIDING SYSTEM VALUE SELECT * FROM backup_{schema}.{table}"  # noqa: S608  # our own names
            await admin.execute(f"DELETE FROM {schema}.{table}")  # noqa: S608  # our own names
            await admin.execute(f"INSERT INTO {schema}.{table} {copied}")


async def _add_unknown(admin: Admin, table: str, ctids: list[str]) -> int:
    """Copies of rows in a vault that nobody has."""
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema || '.' || table_name = $1"
    columns = [row["column_name"] for row in await admin.fetch(query, table)]
    changed = {"vault_id": "'nobodys'"} | ({"id": "gen_random_uuid()"} if "id" in columns else {})
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    statement = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE ctid::text = ANY($1)"  # noqa: S608  # our own names
    return await _count(admin, statement, ctids)


async def _count(admin: Admin, statement: str, ctids: list[str]) -> int:
    return int((await admin.execute(statement, ctids)).split()[-1])


async def _tables(admin: Admin, schema: str) -> list[str]:
    found = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
    return [row["tablename"] for row in found if row["tablename"] != "alembic_version"]
