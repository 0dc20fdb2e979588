"""The commands of import-service: ``python -m drawbridge.import_service worker``."""

import asyncio

import typer

from drawbridge.import_service.settings import Settings
from drawbridge.import_service.usecases.telling import SERVICE
from drawbridge.import_service.wiring import run_worker
from drawbridge.persistence import upgrade
from drawbridge.runtime import configure_logs, load, run_process

PACKAGE = "drawbridge.import_service"

app = typer.Typer(help="Reads Procore invoices; makes queue documents and AP invoices.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Read Procore, do commands, and tell what changed, until told to stop."""
    settings = load(Settings)
    configure_logs(SERVICE, settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


@app.command()
def migrate() -> None:
    """Bring the schema imports up to date."""
    settings = load(Settings)
    asyncio.run(upgrade(settings.database_url, PACKAGE))


if __name__ == "__main__":
    app()
