"""``drawbridge import``: make AP invoices of Procore invoices, one or many."""

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.following import (
    ProjectOption,
    RequisitionsArgument,
    StateOption,
    follow,
    requested,
)
from drawbridge.cli.terminal import JsonOption, VaultArgument


def import_(  # one for each option of the command
    vault: VaultArgument,
    requisitions: RequisitionsArgument = None,
    *,
    project: ProjectOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import Procore invoices and wait for each outcome; held ones are lifted only if they are named.

    Ends with 1 if any was refused or failed.
    """
    with failing_clearly(), Api() as api:
        rows = requested(api, f"/v1/vaults/{vault}/import", requisitions, project, state)
        follow(api, rows, "Importing", as_json=as_json)
