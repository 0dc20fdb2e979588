"""The commands of payment-backfiller: ``python -m drawbridge.payment_backfiller worker``."""

import asyncio
import sys
from typing import Annotated

import typer

from drawbridge.contracts.errors import Refused
from drawbridge.payment_backfiller.entrypoints.ledger_check import check_ledger
from drawbridge.payment_backfiller.outside import LedgersFile
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.store.owned import OURS
from drawbridge.payment_backfiller.wiring import run_worker
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.runtime import configure_logs, load, run_process
from drawbridge.runtime.settings import EX_CONFIG

app = typer.Typer(help="Ledger payments, back to Procore commitments.", no_args_is_help=True)


@app.command()
def worker() -> None:
    """Run the payment jobs, match payments and write them to Procore, until told to stop."""
    settings = load(Settings)
    configure_logs("payment-backfiller", settings.log_level, settings.log_format)
    try:
        code = run_process(run_worker(settings))
    except Refused as refused:
        sys.stderr.write(f"{refused.problem.message} {refused.problem.advice}\n")
        code = EX_CONFIG
    raise typer.Exit(code)


add_schema_commands(app, OURS)


@app.command("ledger-check")
def ledger_check(
    name: Annotated[str, typer.Argument(help="A ledger of the ledgers file.")],
    show: Annotated[int, typer.Option(min=1, max=100, help="How many bills and payments to show.")] = 5,
) -> None:
    """Read one ledger once, change nothing, and show the first of it and everything that cannot be read."""
    settings = load(Settings)
    try:
        ledger = LedgersFile.read(settings.ledgers_file).open(name)
    except Refused as refused:
        sys.stderr.write(f"{refused.problem.message} {refused.problem.advice}\n")
        raise typer.Exit(EX_CONFIG) from None
    lines, fine = asyncio.run(check_ledger(ledger, show))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    raise typer.Exit(0 if fine else 1)


if __name__ == "__main__":
    app()
