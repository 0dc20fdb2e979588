"""The commands of import-service: ``python -m drawbridge.import_service worker``."""

import typer

from drawbridge.import_service.settings import Settings
from drawbridge.import_service.store.owned import OURS
from drawbridge.import_service.usecases.telling import SERVICE
from drawbridge.import_service.wiring import run_worker
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.runtime import configure_logs, load, run_process

app = typer.Typer(help="Reads Procore invoices; makes queue documents and AP invoices.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Read Procore, do commands, and tell what changed, until told to stop."""
    settings = load(Settings)
    configure_logs(SERVICE, settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


add_schema_commands(app, OURS)

if __name__ == "__main__":
    app()
