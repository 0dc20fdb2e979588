"""``drawbridge procore``: checks a Procore connection, as import-service with its own settings sees it."""

import subprocess
import sys
from importlib.util import find_spec

import typer

from drawbridge.cli.terminal import fail

_SERVICE = "drawbridge.import_service"
_ELSEWHERE = "The check uses the settings and the network of import-service, which is not installed here."
_THERE = "Run there: docker compose run --rm import-service python -m drawbridge.import_service procore-check"

app = typer.Typer(help="The connection to Procore.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The connection to Procore."""


@app.command(
    "check",
    add_help_option=False,  # it is the service's own command, with the service's own help
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def check(context: typer.Context) -> None:
    """Check a Procore account, reading only; needs --company, --client-id and --client-secret.

    Prints what is well and, for each red line, what to do; ends with 1 when one is red.
    """
    if find_spec(_SERVICE) is None:
        fail(_ELSEWHERE, _THERE)
    # A library knows no service, so this is a process of its own, as in a deployment.
    command = [sys.executable, "-m", _SERVICE, "procore-check", *context.args]
    done = subprocess.run(command, check=False)  # noqa: S603  # our own module and the user's own words
    raise typer.Exit(done.returncode)
