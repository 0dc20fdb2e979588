"""``drawbridge topology``: exchanges and queues."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pydantic import SecretStr

from drawbridge.cli.terminal import fail, out, secret_from
from drawbridge.cli.writing import write_or_check
from drawbridge.contracts.broker_access import (
    SERVICES,
    definitions,
    outside_consumer_access,
    outside_publisher_access,
    service_access,
)
from drawbridge.contracts.message import Event, all_messages
from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer, Topology
from drawbridge.messaging import declare, provision_users
from drawbridge.runtime.logs import mask_text

AMQP_URL = "DRAWBRIDGE_SECRET_AMQP_URL"
MANAGEMENT_URL = "DRAWBRIDGE_SECRET_BROKER_ADMIN_URL"
DEFINITIONS = Path("deploy/rabbitmq/definitions.json")

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


@app.command("users")
def provision_broker_users(
    management_url: Annotated[
        str,
        typer.Option(
            envvar=MANAGEMENT_URL,
            help="An administrator of the management API, like http://admin:password@host:15672.",
            show_default=False,
        ),
    ],
    consumer: Annotated[
        list[str] | None,
        typer.Option(help="An outside consumer, which may read its own queue only.", metavar="NAME"),
    ] = None,
    publisher: Annotated[
        list[str] | None,
        typer.Option(help="Somebody who may ask for reprocessing, and nothing else.", metavar="NAME"),
    ] = None,
    vhost: Annotated[str, typer.Option(help="The vhost that Drawbridge uses.")] = "/",
) -> None:
    """Create a broker user for each service, which may only read its own queues; safe to repeat.

    The passwords come from DRAWBRIDGE_SECRET_GATEWAY_BROKER_PASSWORD, …_IMPORT_SERVICE_…, …_CLOUD_SERVICE_…
    and …_PAYMENT_BACKFILLER_BROKER_PASSWORD. Users are named like their services. Outsiders that are named
    get a user each in the same way.
    """
    access = {service: service_access(service) for service in SERVICES}
    access |= {name: outside_consumer_access(OutsideConsumer(name, ())) for name in consumer or ()}
    access |= {name: outside_publisher_access() for name in publisher or ()}
    if len(access) < len(SERVICES) + len(consumer or ()) + len(publisher or ()):
        fail("Two of these users have one name: give each outsider one of its own.")
    users = {name: (_password(name), may) for name, may in access.items()}
    try:
        asyncio.run(provision_users(SecretStr(management_url), vhost=vhost, users=users))
    except httpx.HTTPError as error:
        fail(
            f"The management API did not do it ({type(error).__name__}: {mask_text(str(error))}). "
            f"Check {MANAGEMENT_URL}, and that its user is an administrator."
        )
    out.print(f"The vhost {vhost} has the users {', '.join(users)}.")


@app.command("definitions")
def write_definitions(
    file: Annotated[Path, typer.Option(help="The file to write or to check.")] = DEFINITIONS,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the file is not up to date.")
    ] = False,
) -> None:
    """Write exchanges, queues and bindings as RabbitMQ's own definitions, to import them at its start."""
    write_or_check(file, definitions_text(), "drawbridge topology definitions", check=check)


def definitions_text() -> str:
    """The definitions as JSON."""
    return json.dumps(definitions(), indent=1) + "\n"


def _password(user: str) -> SecretStr:
    name = user.upper().replace("-", "_")
    return secret_from(f"DRAWBRIDGE_SECRET_{name}_BROKER_PASSWORD", f"the password of the broker user {user}")


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
