"""``drawbridge parked``: messages that nobody could handle."""

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import out

app = typer.Typer(help="Messages that nobody could handle.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Messages that nobody could handle."""


@app.command("list")
def list_parked() -> None:
    """Show the parked messages, the newest first, each with its reason."""
    with failing_clearly(), Api() as api:
        messages = api.get("/v1/parked")["items"]
    if not messages:
        out.print("Nothing is parked.")
        return
    table = Table("id", "queue", "type", "parked at", "why")
    for message in messages:
        why = " ".join(filter(None, (message["problem"]["message"], message["problem"]["advice"])))
        table.add_row(message["id"], message["queue"], message["type"], message["parked_at"], why)
    out.print(table)
