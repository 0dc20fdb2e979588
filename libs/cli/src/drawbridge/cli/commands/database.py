"""``drawbridge database``: roles and schemas."""

import asyncio
from typing import Annotated

import asyncpg
import typer
from pydantic import SecretStr

from drawbridge.cli.terminal import fail, out, secret_from
from drawbridge.persistence import provision
from drawbridge.runtime.logs import mask_text

ADMIN_URL = "DRAWBRIDGE_SECRET_ADMIN_DATABASE_URL"
SCHEMAS = ("gateway", "imports", "cloud", "payments")

app = typer.Typer(help="Roles and schemas of the database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Roles and schemas of the database."""


@app.command("provision")
def provision_database(
    admin_url: Annotated[
        str,
        typer.Option(
            envvar=ADMIN_URL,
            help="An administrator's URL, like postgresql://admin:password@host:5432/postgres.",
            show_default=False,
        ),
    ],
    database: Annotated[str, typer.Option(help="The database to create or complete.")] = "drawbridge",
) -> None:
    """Create the database, and a role and a schema for each service; safe to repeat.

    The passwords come from DRAWBRIDGE_SECRET_GATEWAY_PASSWORD, …_IMPORTS_PASSWORD, …_CLOUD_PASSWORD and
    …_PAYMENTS_PASSWORD. Roles are named like their schemas. Each service migrates its own schema afterwards.
    """
    services = {schema: (schema, _password(schema)) for schema in SCHEMAS}
    try:
        asyncio.run(provision(SecretStr(admin_url), database=database, services=services))
    except (OSError, asyncpg.PostgresError) as error:
        fail(f"PostgreSQL did not do it ({mask_text(str(error))}). Check {ADMIN_URL} and the user's rights.")
    out.print(f"The database {database} has the schemas and roles {', '.join(SCHEMAS)}.")


def _password(schema: str) -> SecretStr:
    return secret_from(f"DRAWBRIDGE_SECRET_{schema.upper()}_PASSWORD", f"the password of the role {schema}")
