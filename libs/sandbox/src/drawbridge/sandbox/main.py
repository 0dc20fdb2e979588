"""``drawbridge-sandbox``: a Procore and a ledger to try Drawbridge with, nothing real behind them."""

import asyncio
from typing import Annotated

import typer

from drawbridge.sandbox.ledger.books import DEFAULT_ZONE
from drawbridge.sandbox.ledger.run import ClerkPlace, run_clerk
from drawbridge.sandbox.procore import RateLimits, create_app, seeded_procore
from drawbridge.sandbox.procore.seed.build import DEFAULT_SEED
from drawbridge.sandbox.procore.state import DEFAULT_CLIENTS
from drawbridge.sandbox.procore.values import FIRST_ID
from drawbridge.sandbox.serving import serve

app = typer.Typer(
    help="A Procore double and a sample ledger with a clerk, all made up. Nothing leaves this machine.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Host = Annotated[
    str, typer.Option(help="Address to listen on. The control API has no password: keep it local.")
]


@app.command()
def procore(
    *,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
    seed: Annotated[
        int, typer.Option(help="The same seed on the same day gives the same company.")
    ] = DEFAULT_SEED,
    company: Annotated[int, typer.Option(help="Procore company id, sent as Procore-Company-Id.")] = FIRST_ID,
    client: Annotated[
        list[str] | None,
        typer.Option(help="An app's ID:SECRET; may be repeated. Default: sandbox-client:sandbox-secret."),
    ] = None,
    spike_limit: Annotated[int, typer.Option(help="Calls per 10 seconds and app.")] = RateLimits.spike,
    hourly_limit: Annotated[int, typer.Option(help="Calls per hour and app.")] = RateLimits.hourly,
) -> None:
    """Run a Procore with 71 subcontractor invoices of a made-up builder.

    Get a token at [bold]POST /oauth/token[/bold], then read [bold]/rest/v1.1/requisitions?project_id=…[/bold]
    with the header Procore-Company-Id.

    Make it misbehave, approve invoices or see what was written under [bold]/control[/bold]; the whole API is
    at [bold]/docs[/bold]. Memory only: a restart starts over.
    """
    state = seeded_procore(
        seed,
        company_id=company,
        clients=_clients(client or []),
        limits=RateLimits(spike_limit, hourly_limit),
    )
    asyncio.run(serve(create_app(state), host, port))


@app.command()
def clerk(
    *,
    ledger_url: Annotated[
        str,
        typer.Option(
            envvar="DRAWBRIDGE_SECRET_LEDGER_URL", help="postgresql:// URL of the ledger's database."
        ),
    ],
    amqp_url: Annotated[
        str, typer.Option(envvar="DRAWBRIDGE_SECRET_AMQP_URL", help="amqp:// URL of Drawbridge's broker.")
    ],
    queue: Annotated[str, typer.Option(help="The clerk's queue of public events.")] = "outside.clerk",
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the counter.")] = 8091,
    time_zone: Annotated[str, typer.Option(help="Where the ledger's machine stands.")] = DEFAULT_ZONE,
) -> None:
    """Run a clerk who keeps a ledger shaped like Sage 100 Contractor.

    Each invoice that Drawbridge marks as processed becomes a bill, once. Missing tables are created.

    Write a check with [bold]POST /checks[/bold], void it with [bold]POST /checks/NUMBER/void[/bold]
    (shape: delete or reversal), and look around at [bold]/bills[/bold], [bold]/payments[/bold] and
    [bold]/docs[/bold].

    URLs with passwords are better given in the environment than on the command line.
    """
    asyncio.run(run_clerk(ClerkPlace(ledger_url, amqp_url, queue, host, port, time_zone)))


def _clients(pairs: list[str]) -> dict[str, str]:
    clients: dict[str, str] = {}
    for pair in pairs:
        name, colon, secret = pair.partition(":")
        if not (name and colon and secret):
            raise typer.BadParameter(
                "Write --client as ID:SECRET, for example sandbox-client:sandbox-secret."
            )
        clients[name] = secret
    return clients or dict(DEFAULT_CLIENTS)
