"""Ask import-service to hand an AP invoice over to the ledger (product rule 11)."""

from dataclasses import dataclass
from uuid import UUID

from drawbridge.contracts.import_commands import ProcessInvoice
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.invoices import get_invoice
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


@dataclass(frozen=True, slots=True)
class Processing:
    """What the caller knows of the ledger's bill, and why a change in Procore does not matter."""

    ledger_bill_id: str | None = None
    ledger_vendor_code: str | None = None
    acknowledge: str | None = None
    expected_version: int | None = None


async def process_invoice(
    tools: Tools, asking: Asking, vault_id: str, invoice_id: UUID, processing: Processing
) -> Operation:
    """Send the command.

    Raises:
        NotFound: when there is no such vault or invoice.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        await get_invoice(tx.session, vault_id, invoice_id)
        command = ProcessInvoice(
            vault_id=vault_id,
            invoice_id=invoice_id,
            ledger_bill_id=processing.ledger_bill_id,
            ledger_vendor_code=processing.ledger_vendor_code,
            acknowledge=processing.acknowledge,
            expected_version=processing.expected_version,
            requested_by=asking.caller.name,
        )
        return await send_command(tx, asking, "process_invoice", command)
