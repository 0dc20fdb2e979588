"""``drawbridge grid``: the Procore invoices of a project."""

from typing import Annotated, Any

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import JsonOption, VaultArgument, out, print_json


def grid(
    vault: VaultArgument,
    *,
    project: Annotated[int, typer.Option(help="The Procore project's id.")],
    past_days: Annotated[int, typer.Option(help="Only the past days, by billing date.", min=1)] = 30,
    all_days: Annotated[bool, typer.Option("--all", help="Whatever the date.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the Procore invoices of a project, and why those in error are not imported."""
    with failing_clearly(), Api() as api:
        rows, as_of = _rows(api, vault, project, None if all_days else past_days)
    if as_json:
        print_json({"as_of": as_of, "items": rows})
        return
    table = Table("requisition", "invoice #", "vendor", "net due", "in Procore", "import", "payment", "why")
    for row in rows:
        table.add_row(
            str(row["requisition_id"]),
            row["invoice_number"] or "",
            row["vendor"]["name"],
            row["net_due"] or "",
            row["procore_status"],
            row["import_state"],
            row["payment_state"] or "",
            _why(row),
        )
    out.print(table)
    out.print(f"As of {as_of}." if as_of else "This project has not been read from Procore yet.")


def _rows(
    api: Api, vault: str, project: int, past_days: int | None
) -> tuple[list[dict[str, Any]], str | None]:
    """All pages, and when the project was last read."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = api.get(
            f"/v1/vaults/{vault}/procore-invoices",
            project_id=project,
            past_days=past_days,
            range=None if past_days else "all",
            cursor=cursor,
        )
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows, page["as_of"]


def _why(row: dict[str, Any]) -> str:
    """The error, what drifted, why it is held, or why it cannot be imported."""
    if row["error"]:
        return str(row["error"]["message"])
    if row["drift"]:
        return str(row["drift"]["what"])
    return str(row["held_reason"] or row["actions"]["import"]["reason"])
