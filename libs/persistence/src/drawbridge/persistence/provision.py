"""The admin's part: a role and a schema for each service. Services migrate only what is theirs."""

from collections.abc import Mapping

from pydantic import SecretStr
from sqlalchemy import make_url

from drawbridge.persistence.connecting import OwnConnection, own_connection

_LOCK = "drawbridge provision"


async def provision(
    admin_url: SecretStr, *, database: str, services: Mapping[str, tuple[str, SecretStr]]
) -> None:
    """Create the database, and for each schema its role with that password; safe to repeat.

    ``services`` maps a schema to (role, password). A role may do nothing outside its own schema. A
    repeat sets the passwords anew. Two at once wait for each other where their URLs name the same database.

    Raises:
        OSError | asyncpg.PostgresError: when the server is away or the admin may not do this.
    """
    admin = await own_connection(admin_url, application="drawbridge provision")
    try:
        await admin.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", _LOCK)
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await _run(admin, "CREATE DATABASE %I", database)
        for role, password in services.values():
            await _role(admin, role, password)
        await _schemas(admin_url, database, services)
    finally:
        await admin.close()


async def _role(admin: OwnConnection, role: str, password: SecretStr) -> None:
    known = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    await _run(
        admin,
        f"{verb} ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L",
        role,
        password.get_secret_value(),
    )


async def _schemas(
    admin_url: SecretStr, database: str, services: Mapping[str, tuple[str, SecretStr]]
) -> None:
    url = make_url(admin_url.get_secret_value()).set(database=database)
    inside = await own_connection(
        SecretStr(url.render_as_string(hide_password=False)), application="drawbridge provision"
    )
    try:
        await _run(inside, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
        await _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for schema, (role, _) in services.items():
            await _run(inside, "GRANT CONNECT ON DATABASE %I TO %I", database, role)
            await _run(inside, "GRANT %I TO CURRENT_USER", role)
            await _run(inside, "CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I", schema, role)
            await _run(inside, "ALTER SCHEMA %I OWNER TO %I", schema, role)
            await _run(inside, "REVOKE ALL ON SCHEMA %I FROM PUBLIC", schema)
    finally:
        await inside.close()


async def _run(connection: OwnConnection, template: str, *names: str) -> None:
    """Run a statement whose names and texts PostgreSQL itself quotes."""
    places = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
    statement = await connection.fetchval(
        f"SELECT format($1{', ' if places else ''}{places})",  # only numbered places
        template,
        *names,
    )
    await connection.execute(statement)
