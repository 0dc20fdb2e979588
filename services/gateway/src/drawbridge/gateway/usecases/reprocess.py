"""Ask cloud-service to import Procore invoices by the vault's behavior (product rule 5)."""

from drawbridge.contracts.actions import reprocess_action
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.policy import policy_of
from drawbridge.gateway.store.procore_invoices import get_row
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.choose_rows import Choice, RowOutcome, choose_rows
from drawbridge.gateway.usecases.command_rows import command_rows
from drawbridge.gateway.usecases.compare_version import compare_version
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def reprocess(
    tools: Tools, asking: Asking, vault_id: str, requisition_id: int, expected_version: int | None = None
) -> Operation:
    """Publish the request for one row; naming a held row lifts it (product rule 12).

    Raises:
        NotFound: when there is no such vault or row.
        Outdated: when the caller has not seen the newest version.
        Refused: with the reason, when the row may not be reprocessed.
    """
    async with tools.database.transaction() as tx:
        vault = await get_vault(tx.session, vault_id)
        row = await get_row(tx.session, vault_id, requisition_id)
        subject = f"requisition/{vault_id}/{requisition_id}"
        await compare_version(tx.session, subject, expected_version, row.version)
        reprocess_action(row, policy_of(vault.settings)).require()
        return await send_command(tx, asking, "reprocess", _request(vault_id, row, asking))


async def reprocess_many(tools: Tools, asking: Asking, vault_id: str, choice: Choice) -> list[RowOutcome]:
    """Publish a request for each chosen row that may be reprocessed.

    Raises:
        NotFound: when there is no such vault.
        Invalid: ``too_many_rows``, when the filter is too wide.
    """
    async with tools.database.transaction() as tx:
        chosen = await choose_rows(tx.session, vault_id, choice)
        policy = policy_of(chosen.vault.settings)
        return await command_rows(
            tx,
            asking,
            "reprocess",
            chosen,
            lambda row: reprocess_action(row, policy),
            lambda row: _request(vault_id, row, asking),
        )


def _request(vault_id: str, row: ProcoreInvoice, asking: Asking) -> ReprocessRequested:
    return ReprocessRequested(
        vault_id=vault_id,
        project_id=row.project_id,
        requisition_id=row.requisition_id,
        requested_by=asking.caller.name,
    )
