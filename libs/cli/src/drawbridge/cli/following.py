"""Following the operations of a bulk request to their ends, with a progress bar and a table."""

import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.progress import Progress
from rich.table import Table

from drawbridge.cli.api import Api
from drawbridge.cli.terminal import err, fail, out, print_json

FINAL = ("done", "refused", "failed")
_PATIENCE_SECONDS = 600.0
_PAUSE_SECONDS = 0.5

type Row = dict[str, Any]

RequisitionsArgument = Annotated[
    list[int] | None, typer.Argument(help="Procore invoices (requisitions) by id.", show_default=False)
]
ProjectOption = Annotated[int | None, typer.Option(help="Instead: all of this Procore project.")]
StateOption = Annotated[str | None, typer.Option(help="Instead: all in this import state.")]


def requested(
    api: Api, path: str, requisitions: Sequence[int] | None, project: int | None, state: str | None
) -> list[Row]:
    """Post a bulk request for named rows or a filter; gives each row's outcome. Raises `ApiError`."""
    by_filter = project is not None or state is not None
    if bool(requisitions) == by_filter:
        fail("Name Procore invoices by id, or choose them by --project or --state, but not both.")
    body: Row = {"requisition_ids": list(requisitions)} if requisitions else {"filter": {}}
    if by_filter:
        chosen = {"project_id": project, "state": state}
        body["filter"] = {name: value for name, value in chosen.items() if value is not None}
    rows: list[Row] = api.post(path, body)["rows"]
    return rows


def follow(api: Api, rows: list[Row], title: str, *, as_json: bool) -> None:
    """Wait until each operation has ended, then show all outcomes; exit code 1 if any was not done."""
    outcomes = _followed(api, rows, title)
    if as_json:
        print_json(outcomes)
    else:
        _show(outcomes)
    if any(each["status"] != "done" for each in outcomes):
        raise typer.Exit(1)


def await_operation(api: Api, operation_id: str, title: str) -> Row:
    """One operation as it is once it has ended, or when patience is over. Raises `ApiError`."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with err.status(title):
        while True:
            operation: Row = api.get(f"/v1/operations/{operation_id}")
            if operation["status"] in FINAL or time.monotonic() > deadline:
                return operation
            time.sleep(_PAUSE_SECONDS)


def _followed(api: Api, rows: list[Row], title: str) -> list[Row]:
    """The outcome of every row: its status, and its problem if there is one."""
    ended: dict[str, Row] = {}
    waiting = [row["operation_id"] for row in rows if row["operation_id"]]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with Progress(console=err, transient=True) as progress:
        bar = progress.add_task(title, total=len(waiting))
        while waiting and time.monotonic() < deadline:
            for operation_id in list(waiting):
                operation = api.get(f"/v1/operations/{operation_id}")
                if operation["status"] in FINAL:
                    ended[operation_id] = operation
                    waiting.remove(operation_id)
                    progress.advance(bar)
            if waiting:
                time.sleep(_PAUSE_SECONDS)
    return [_outcome(row, ended) for row in rows]


def _outcome(row: Row, ended: dict[str, Row]) -> Row:
    operation = ended.get(row["operation_id"] or "")
    if operation is None:
        status = "waiting" if row["operation_id"] else "refused"
        problem = row["problem"]
    else:
        status, problem = operation["status"], operation["problem"]
    return {
        "requisition_id": row["requisition_id"],
        "status": status,
        "operation_id": row["operation_id"],
        "problem": problem,
    }


def _show(outcomes: Sequence[Row]) -> None:
    table = Table("requisition", "outcome", "why")
    for each in outcomes:
        problem = each["problem"] or {}
        why = " ".join(filter(None, (problem.get("message"), problem.get("advice"))))
        table.add_row(str(each["requisition_id"]), each["status"], why)
    out.print(table)
    done = sum(each["status"] == "done" for each in outcomes)
    out.print(f"{done} of {len(outcomes)} done.")
