"""``drawbridge topology``: exchanges and queues."""

import asyncio
from typing import Annotated

import typer
from pydantic import SecretStr

from drawbridge.cli.terminal import fail, out
from drawbridge.contracts.message import Event, all_messages
from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer, Topology
from drawbridge.messaging import declare
from drawbridge.runtime.logs import mask_text

AMQP_URL = "DRAWBRIDGE_SECRET_AMQP_URL"

app = typer.Typer(help="Exchanges and queues of the broker.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Exchanges and queues of the broker."""


@app.command("declare")
def declare_topology(
    amqp_url: Annotated[
        str, typer.Option(envvar=AMQP_URL, help="A broker user that may configure.", show_default=False)
    ],
    outside: Annotated[
        list[str] | None,
        typer.Option(
            help="An outside consumer and its event types, as NAME=TYPE[,TYPE…]; may be repeated.",
            metavar="NAME=TYPE",
        ),
    ] = None,
) -> None:
    """Declare all exchanges and queues; safe to repeat.

    Each outside consumer gets the durable queue outside.NAME.
    """
    topology = TOPOLOGY.with_outside([_consumer(text) for text in outside or []])
    _declare(amqp_url, topology)
    queues = ", ".join(queue.name for queue in topology.queues)
    out.print(f"Declared {len(topology.exchanges)} exchanges and {len(topology.queues)} queues: {queues}.")


def _declare(url: str, topology: Topology) -> None:
    try:
        asyncio.run(declare(SecretStr(url), topology))
    except Exception as error:  # noqa: BLE001  # the broker library's errors stay inside messaging
        fail(
            f"The broker did not take the declaration ({type(error).__name__}: {mask_text(str(error))}). "
            f"Check {AMQP_URL}; a queue that exists with other arguments must be emptied and deleted first."
        )


def _consumer(text: str) -> OutsideConsumer:
    name, _, types = text.partition("=")
    chosen = tuple(each.strip() for each in types.split(",") if each.strip())
    if not name.strip() or not chosen:
        fail(f"--outside {text}: write NAME=TYPE, such as clerk=drawbridge.invoice.processed.v1.")
    events = {each for each, model in all_messages().items() if issubclass(model, Event)}
    for each in chosen:
        if each not in events:
            fail(f"--outside {text}: {each} is no event. Known are {', '.join(sorted(events))}.")
    return OutsideConsumer(name.strip(), chosen)
