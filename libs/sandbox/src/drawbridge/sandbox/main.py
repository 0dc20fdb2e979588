"""``drawbridge-sandbox``: a Procore and a ledger to try Drawbridge with, nothing real behind them."""

from typing import Annotated

import typer
import uvicorn

from drawbridge.sandbox.procore import RateLimits, create_app, seeded_procore
from drawbridge.sandbox.procore.seed.build import DEFAULT_SEED
from drawbridge.sandbox.procore.state import DEFAULT_CLIENTS
from drawbridge.sandbox.procore.values import FIRST_ID

app = typer.Typer(
    help="A Procore double and a sample ledger with a clerk, all made up. Nothing leaves this machine.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Host = Annotated[
    str, typer.Option(help="Address to listen on. The control API has no password: keep it local.")
]


@app.callback()
def sandbox() -> None:
    """Keep the commands as subcommands, however many there are."""


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
    uvicorn.run(create_app(state), host=host, port=port, log_level="warning")


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
