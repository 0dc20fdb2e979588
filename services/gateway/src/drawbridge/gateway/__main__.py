"""The gateway's commands: the API, the worker behind it, and its migrations."""

import typer

from drawbridge.gateway.settings import ApiSettings, Settings
from drawbridge.gateway.store.owned import OURS
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.runtime import configure_logs, load, run_process

app = typer.Typer(
    name="gateway", help="The public HTTP door of Drawbridge.", no_args_is_help=True, add_completion=False
)


@app.command()
def api() -> None:
    """Serve the REST API, with /livez, /readyz and /metrics beside it."""
    from drawbridge.gateway.wiring_api import run_api  # noqa: PLC0415  # FastAPI, which the worker does without

    settings = load(ApiSettings)
    configure_logs("gateway", settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_api(settings)))


@app.command()
def worker() -> None:
    """Build the read model from events, keep parked messages, and send what the API has accepted."""
    from drawbridge.gateway.wiring import run_worker  # noqa: PLC0415  # AMQP, which the API does without

    settings = load(Settings)
    configure_logs("gateway", settings.log_level, settings.log_format)
    raise typer.Exit(run_process(run_worker(settings)))


add_schema_commands(app, OURS)

if __name__ == "__main__":
    app()
