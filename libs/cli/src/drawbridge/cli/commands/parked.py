"""``drawbridge parked``: messages that nobody could handle."""

from typing import Annotated

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import JsonOption, fail, out, print_json

app = typer.Typer(help="Messages that nobody could handle.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Messages that nobody could handle."""


@app.command("list")
def list_parked(*, as_json: JsonOption = False) -> None:
    """Show the parked messages, the newest first, each with its reason."""
    with failing_clearly(), Api() as api:
        messages = api.pages("/v1/parked")
    if as_json:
        print_json(messages)
        return
    if not messages:
        out.print("Nothing is parked.")
        return
    table = Table("id", "queue", "type", "parked at", "why")
    for message in messages:
        why = " ".join(filter(None, (message["problem"]["message"], message["problem"]["advice"])))
        table.add_row(message["id"], message["queue"], message["type"], message["parked_at"], why)
    out.print(table)


Ids = Annotated[list[str] | None, typer.Argument(help="Parked messages by id.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
OfQueue = Annotated[str | None, typer.Option(help="Instead: all of this queue.")]
OfCode = Annotated[str | None, typer.Option(help="Instead: all with this code.")]


@app.command("replay")
def replay(ids: Ids = None, *, reason: Reason, queue: OfQueue = None, code: OfCode = None) -> None:
    """Put parked messages back, each with its own id, into the queue that it came from."""
    _settle("replay", ids, reason, queue, code)


@app.command("discard")
def discard(ids: Ids = None, *, reason: Reason, queue: OfQueue = None, code: OfCode = None) -> None:
    """Give parked messages up; they stay listed as discarded."""
    _settle("discard", ids, reason, queue, code)


def _settle(verb: str, ids: list[str] | None, reason: str, queue: str | None, code: str | None) -> None:
    if bool(ids) == bool(queue or code):
        fail("Name parked messages by id, or choose them by --queue or --code, but not both.")
    settled, more = 0, not ids
    with failing_clearly(), Api() as api:
        for each in ids or ():
            api.post(f"/v1/parked/{each}/{verb}", {"reason": reason})
            settled += 1
        chosen = {name: value for name, value in (("queue", queue), ("code", code)) if value is not None}
        while more:
            answer = api.post(f"/v1/parked/{verb}", {"reason": reason, **chosen})
            settled += answer["settled"]
            more = answer["more"] and answer["settled"] > 0
    out.print(f"{settled} settled.")
