"""Ask import-service to begin a blank AP invoice."""

from drawbridge.contracts.import_commands import CreateInvoice
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def create_invoice(tools: Tools, asking: Asking, vault_id: str) -> Operation:
    """Send the command under a fresh invoice id; the operation's result names it.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        command = CreateInvoice(
            vault_id=vault_id, invoice_id=asking.new_id("invoice"), requested_by=asking.caller.name
        )
        return await send_command(tx, asking, "create_invoice", command)
