"""Ask import-service to import one Procore invoice (product rule 3)."""

from uuid import UUID

from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.procore_invoices import get_row
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def import_invoice(
    tools: Tools,
    asking: Asking,
    vault_id: str,
    requisition_id: int,
    *,
    open_invoice_id: UUID | None = None,
    expected_version: int | None = None,
) -> Operation:
    """Send the command; whether it is allowed is decided by its owner, on the newest facts.

    Raises:
        NotFound: when there is no such vault or row.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        row = await get_row(tx.session, vault_id, requisition_id)
        command = ImportInvoice(
            vault_id=vault_id,
            project_id=row.project_id,
            requisition_id=requisition_id,
            requested_by=asking.caller.name,
            how="manual",
            open_invoice_id=open_invoice_id,
            expected_version=expected_version,
        )
        return await send_command(tx, asking, "import_invoice", command)
