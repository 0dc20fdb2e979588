"""``drawbridge reprocess``: ask for an automated import by hand."""

from typing import Annotated

import typer

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import out


def reprocess(
    vault: Annotated[str, typer.Argument(help="The vault's id.")],
    requisition: Annotated[int, typer.Argument(help="The Procore invoice's (requisition's) id.")],
) -> None:
    """Ask for the import of a Procore invoice by the vault's automated import behavior.

    Returns at once; the operation shows what becomes of it.
    """
    with failing_clearly(), Api() as api:
        operation = api.post(f"/v1/vaults/{vault}/procore-invoices/{requisition}/reprocess")
    out.print(f"Requested: operation {operation['id']}, {operation['status']}.")
