"""Set a row aside with a reason: dismiss its error, or delete its queue document (product rule 12)."""

from uuid import UUID

from drawbridge.contracts.import_commands import DeleteQueueDocument, DismissError
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.procore_invoices import get_queued, get_row
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.compare_version import compare_version
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def dismiss_error(  # whose decision, about which row, why, and of which version
    tools: Tools, asking: Asking, vault_id: str, requisition_id: int, reason: str, expected: int | None
) -> Operation:
    """Send the command.

    Raises:
        NotFound: when there is no such vault or row.
        Outdated: when the caller has not seen the newest version.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        row = await get_row(tx.session, vault_id, requisition_id)
        await compare_version(tx.session, f"requisition/{vault_id}/{requisition_id}", expected, row.version)
        command = DismissError(
            vault_id=vault_id,
            requisition_id=requisition_id,
            reason=reason,
            requested_by=asking.caller.name,
            expected_version=expected,
        )
        return await send_command(tx, asking, "dismiss_error", command)


async def delete_document(  # as above
    tools: Tools, asking: Asking, vault_id: str, queue_document_id: UUID, reason: str, expected: int | None
) -> Operation:
    """Send the command; the version is the row's.

    Raises:
        NotFound: when there is no such vault or queue document.
        Outdated: when the caller has not seen the newest version.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        row = await get_queued(tx.session, vault_id, queue_document_id)
        subject = f"requisition/{vault_id}/{row.requisition_id}"
        await compare_version(tx.session, subject, expected, row.version)
        command = DeleteQueueDocument(
            vault_id=vault_id,
            queue_document_id=queue_document_id,
            reason=reason,
            requested_by=asking.caller.name,
            expected_version=expected,
        )
        return await send_command(tx, asking, "delete_document", command)
