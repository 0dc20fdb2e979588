"""``drawbridge doctor``: is this installation well, and if not, what is to be done?"""

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from drawbridge.cli.api import KEY
from drawbridge.cli.doctor.broker import look_at_broker
from drawbridge.cli.doctor.database import look_at_database
from drawbridge.cli.doctor.finding import Finding
from drawbridge.cli.doctor.gateway import look_at_gateway
from drawbridge.cli.terminal import out

AMQP_URL = "DRAWBRIDGE_SECRET_AMQP_URL"
DATABASE_URL = "DRAWBRIDGE_SECRET_ADMIN_DATABASE_URL"

_STYLES = {"ok": "green", "look": "yellow", "red": "bold red"}


def doctor(
    amqp_url: Annotated[
        str, typer.Option(envvar=AMQP_URL, help="A broker user that may configure.", show_default=False)
    ] = "",
    database_url: Annotated[
        str,
        typer.Option(
            envvar=DATABASE_URL, help="An administrator's URL of Drawbridge's database.", show_default=False
        ),
    ] = "",
) -> None:
    """Look at servers, versions, clocks, migrations, queues, what is late or parked, and what vaults lack.

    Changes nothing. It looks at what it is given the addresses and keys of, and says what it could not look
    at. Ends with exit code 1 when something is red.
    """
    findings = asyncio.run(_servers(amqp_url, database_url))
    findings += look_at_gateway() if os.environ.get(KEY) else [_unseen("API", KEY)]
    _show(findings)
    raise typer.Exit(int(any(each.state == "red" for each in findings)))


async def _servers(amqp_url: str, database_url: str) -> list[Finding]:
    broker = await look_at_broker(SecretStr(amqp_url)) if amqp_url else [_unseen("RabbitMQ", AMQP_URL)]
    if not database_url:
        return [*broker, _unseen("PostgreSQL", DATABASE_URL)]
    return broker + await look_at_database(SecretStr(database_url))


def _unseen(what: str, variable: str) -> Finding:
    return Finding(what, "look", "was not looked at", f"Set {variable} and ask again.")


def _show(findings: Sequence[Finding]) -> None:
    """One row for each finding; what others said is never read as markup."""
    table = Table()
    for column in ("What", "State", "Found", "What to do"):
        table.add_column(column, overflow="fold")
    for each in findings:
        state = Text(each.state, style=_STYLES[each.state])
        table.add_row(Text(each.what), state, Text(each.found), Text(each.advice))
    out.print(table)
