"""The commands of cloud-service: ``python -m drawbridge.cloud_service worker``."""

import typer

from drawbridge.cloud_service.settings import Settings
from drawbridge.cloud_service.store.owned import OURS
from drawbridge.cloud_service.wiring import run_worker
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.runtime import configure_logs, load, run_process

app = typer.Typer(help="Automated import and reprocess requests.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Take requests, ask import-service, and record what became of them, until told to stop."""
    settings = load(Settings)
    configure_logs("cloud-service", settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


add_schema_commands(app, OURS)

if __name__ == "__main__":
    app()
