"""Ask import-service to import many Procore invoices, each with its own outcome (product rules 3 and 12)."""

from drawbridge.contracts.actions import import_action
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.gateway.domain.policy import policy_of
from drawbridge.gateway.usecases.choose_rows import Choice, RowOutcome, choose_rows
from drawbridge.gateway.usecases.command_rows import command_rows
from drawbridge.gateway.usecases.tools import Asking, Tools


async def import_many(tools: Tools, asking: Asking, vault_id: str, choice: Choice) -> list[RowOutcome]:
    """Send a command for each chosen row that may be imported; naming a held row lifts it.

    Raises:
        NotFound: when there is no such vault.
        Invalid: ``too_many_rows``, when the filter is too wide.
    """

    def command(row: ProcoreInvoice) -> ImportInvoice:
        return ImportInvoice(
            vault_id=vault_id,
            project_id=row.project_id,
            requisition_id=row.requisition_id,
            requested_by=asking.caller.name,
            how="manual",
            bulk=True,
        )

    async with tools.database.transaction() as tx:
        chosen = await choose_rows(tx.session, vault_id, choice)
        policy = policy_of(chosen.vault.settings)
        return await command_rows(
            tx, asking, "import_invoice", chosen, lambda row: import_action(row, policy), command
        )
