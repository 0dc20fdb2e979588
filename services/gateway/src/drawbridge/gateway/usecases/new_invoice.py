"""Ask import-service to make the AP invoice of a queue document (product rule 7)."""

from uuid import UUID

from drawbridge.contracts.import_commands import NewInvoice
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.procore_invoices import get_queued, list_queue
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def new_invoice(
    tools: Tools, asking: Asking, vault_id: str, queue_document_id: UUID, content_hash: str | None
) -> Operation:
    """Send the command; ``content_hash`` accepts what an earlier answer showed as changed.

    Raises:
        NotFound: when there is no such vault or queue document.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        await get_queued(tx.session, vault_id, queue_document_id)
        command = NewInvoice(
            vault_id=vault_id,
            queue_document_id=queue_document_id,
            content_hash=content_hash,
            requested_by=asking.caller.name,
        )
        return await send_command(tx, asking, "new_invoice", command)


async def show_queue(
    tools: Tools, vault_id: str, *, project_id: int | None, after: int, limit: int
) -> list[ProcoreInvoice]:
    """A page of rows with a queue document, by requisition id.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await list_queue(session, vault_id, project_id=project_id, after=after, limit=limit)
