"""Ask import-service to re-read one project from Procore (product rule 1)."""

from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.projects import list_projects
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def sync_project(tools: Tools, asking: Asking, vault_id: str, project_id: int) -> Operation:
    """Send the command; import-service collapses repeats within 30 s.

    A project that is not known yet may be new in Procore, so it is asked for all the same.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        command = SyncProject(vault_id=vault_id, project_id=project_id, requested_by=asking.caller.name)
        return await send_command(tx, asking, "sync_project", command)


async def show_projects(tools: Tools, vault_id: str) -> list[ProjectState]:
    """The projects of a vault by name.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await list_projects(session, vault_id)
