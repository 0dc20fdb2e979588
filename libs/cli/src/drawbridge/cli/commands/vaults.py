"""``drawbridge vaults``: the vaults and their settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.apply import SERVICES, Applied, await_reports, send_vaults
from drawbridge.cli.terminal import JsonOption, fail, out, print_json, say_errors
from drawbridge.cli.vaults_file import VaultsFileError, read_vaults

app = typer.Typer(help="Vaults and their settings.", no_args_is_help=True)


@app.command("list")
def list_vaults(*, as_json: JsonOption = False) -> None:
    """Show all vaults."""
    with failing_clearly(), Api() as api:
        vaults = api.get("/v1/vaults")["items"]
    if as_json:
        print_json(vaults)
        return
    table = Table("vault", "name", "Procore company", "automated import", "payments", "problems")
    for vault in vaults:
        settings = vault["settings"]
        found = [problem["message"] for each in vault["problems"] for problem in each["problems"]]
        if wait := vault["waiting"]:
            found.append(f"waiting until {wait['until']} ({wait['reason']})")
        table.add_row(
            vault["id"] if settings["active"] else f"{vault['id']} (deactivated)",
            settings["name"],
            str(settings["procore"]["company_id"]),
            settings["automated_import"],
            vault["payments_flow"]["status"],
            "\n".join(found) or "none",
        )
    out.print(table)


@app.command("apply")
def apply_file(
    file: Annotated[Path, typer.Argument(help="A YAML file of vaults.", metavar="FILE")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and change nothing.")] = False,
) -> None:
    """Make the vaults be as the file says, and wait for what the services find in them.

    Vaults that are not in the file stay as they are. A vault that is applied from a file can be changed in
    a file only.
    """
    try:
        vaults = read_vaults(file)
    except VaultsFileError as error:
        fail(*error.sentences)
    with failing_clearly(), Api() as api:
        applied = send_vaults(api, vaults, dry_run=dry_run)
        if not dry_run:
            await_reports(api, applied)
    if dry_run:
        for each in applied:
            each.version = None
    out.print(_table(applied, dry_run=dry_run))
    sentences = [sentence for each in applied for sentence in each.sentences(str(file))]
    if sentences:
        say_errors(sentences)
        raise typer.Exit(1)


def _table(applied: Sequence[Applied], *, dry_run: bool) -> Table:
    columns = () if dry_run else ("version", *SERVICES)
    table = Table("vault", "result", *columns)
    for each in applied:
        table.add_row(*_cells(each, dry_run=dry_run))
    return table


def _cells(each: Applied, *, dry_run: bool) -> list[str]:
    if each.error is not None:
        return [each.vault_id, "refused"]
    if dry_run:
        return [each.vault_id, "would be accepted"]
    return [each.vault_id, "applied", str(each.version), *(_report(each, service) for service in SERVICES)]


def _report(each: Applied, service: str) -> str:
    if service in each.silent:
        return "no answer"
    found = len(each.reports[service])
    return "well" if found == 0 else f"{found} {'problem' if found == 1 else 'problems'}"
