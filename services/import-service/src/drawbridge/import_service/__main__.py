"""The commands of import-service: ``python -m drawbridge.import_service worker``."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from drawbridge.import_service.entrypoints.check_table import show_findings
from drawbridge.import_service.settings import Settings
from drawbridge.import_service.store.owned import OURS
from drawbridge.import_service.usecases.telling import SERVICE
from drawbridge.import_service.wiring import check_procore, run_worker
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.runtime import configure_logs, load, run_process

app = typer.Typer(help="Reads Procore invoices; makes queue documents and AP invoices.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Read Procore, do commands, and tell what changed, until told to stop."""
    settings = load(Settings)
    configure_logs(SERVICE, settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


@app.command()
def procore_check(
    *,
    company: Annotated[int, typer.Option(help="The Procore company id, as in the address of its pages.")],
    client_id: Annotated[str, typer.Option(help="A reference: env:DRAWBRIDGE_SECRET_NAME or file:name.")],
    client_secret: Annotated[str, typer.Option(help="A reference: env:DRAWBRIDGE_SECRET_NAME or file:name.")],
) -> None:
    """Check a Procore connection before a vault uses it: reads a little, writes nothing.

    Token, company, projects, permissions, one invoice with its control totals, whether webhooks are
    possible, rate limit. Ends with exit code 1 when something is red.
    """
    findings = asyncio.run(check_procore(load(Settings), company, client_id, client_secret))
    show_findings(Console(highlight=False), f"Procore company {company}", findings)
    raise typer.Exit(int(any(each.state == "red" for each in findings)))


add_schema_commands(app, OURS)

if __name__ == "__main__":
    app()
