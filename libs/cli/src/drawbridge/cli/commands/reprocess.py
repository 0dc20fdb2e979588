"""``drawbridge reprocess``: ask for automated imports by hand."""

from typing import Annotated

import typer

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.following import (
    ProjectOption,
    RequisitionsArgument,
    StateOption,
    follow,
    requested,
)
from drawbridge.cli.terminal import JsonOption, VaultArgument, out, print_json


def reprocess(  # one for each option of the command
    vault: VaultArgument,
    requisitions: RequisitionsArgument = None,
    *,
    project: ProjectOption = None,
    state: StateOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for every outcome.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask for imports by the vault's automated import behavior; held ones are lifted only if they are named.

    Returns at once, unless told to wait. Ends with 1 if any was refused.
    """
    with failing_clearly(), Api() as api:
        rows = requested(api, f"/v1/vaults/{vault}/reprocess", requisitions, project, state)
        if wait:
            follow(api, rows, "Reprocessing", as_json=as_json)
            return
    if as_json:
        print_json(rows)
    else:
        asked = sum(row["operation_id"] is not None for row in rows)
        out.print(f"Requested {asked} of {len(rows)}.")
        for row in rows:
            if row["problem"]:
                out.print(f"{row['requisition_id']}: {row['problem']['message']}", markup=False)
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)
