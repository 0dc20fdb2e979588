"""``drawbridge payments`` and ``reconcile``: what the ledger paid, and what Procore shows of it."""

from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import JsonOption, VaultArgument, out, print_json


def payments(
    vault: VaultArgument,
    *,
    unmatched: Annotated[bool, typer.Option("--unmatched", help="Only those without an AP invoice.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the allocations of the ledger's payments, the latest first."""
    path = f"/v1/vaults/{vault}/payments{'/unmatched' if unmatched else ''}"
    with failing_clearly(), Api() as api:
        found = api.pages(path)
    if as_json:
        print_json(found)
        return
    table = Table("allocation", "date", "check #", "vendor", "invoice #", "cash", "in Procore", "why")
    for each in found:
        payment, bill, written = each["payment"], each["bill"], each["write_back"]
        cells = (payment["date"], payment["number"] or "", bill["vendor_code"], bill["invoice_number"])
        table.add_row(each["id"], *cells, each["cash"], written["state"], _why(each))
    out.print(table)


def reconcile(vault: VaultArgument, *, as_json: JsonOption = False) -> None:
    """Show for each commitment what was paid, what is issued in Procore, and why they differ.

    Ends with 1 if anything differs.
    """
    with failing_clearly(), Api() as api:
        found = api.pages(f"/v1/vaults/{vault}/reconciliation")
    if as_json:
        print_json(found)
    else:
        table = Table("commitment", "paid", "issued", "difference", "why")
        for each in found:
            table.add_row(
                str(each["commitment_id"]), each["paid"], each["issued"], each["difference"], each["cause"]
            )
        out.print(table)
    if any(Decimal(each["difference"]) for each in found):
        raise typer.Exit(1)


def _why(allocation: dict[str, Any]) -> str:
    """What keeps it from being in Procore, if anything does."""
    problem = allocation["write_back"]["problem"]
    if problem:
        return str(problem["message"])
    unmatched = allocation["unmatched"]
    return str(unmatched["reason"] if unmatched else allocation["write_back"]["note"])
