"""The commands of cloud-service: ``python -m drawbridge.cloud_service worker``."""

import asyncio

import typer

from drawbridge.cloud_service.settings import Settings
from drawbridge.cloud_service.wiring import run_worker
from drawbridge.persistence import upgrade
from drawbridge.runtime import configure_logs, load, run_process

PACKAGE = "drawbridge.cloud_service"

app = typer.Typer(help="Automated import and reprocess requests.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Take requests, ask import-service, and record what became of them, until told to stop."""
    settings = load(Settings)
    configure_logs("cloud-service", settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


@app.command()
def migrate() -> None:
    """Bring the schema cloud up to date."""
    settings = load(Settings)
    asyncio.run(upgrade(settings.database_url, PACKAGE))


if __name__ == "__main__":
    app()
