"""The vault that a work item is about; its settings may arrive after the first messages."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.actions import Policy
from drawbridge.contracts.errors import Refused, Unprocessable, Waiting
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.domain.project_selection import selects
from drawbridge.import_service.store.vaults import Vault, find_vault, vaults_of_company
from drawbridge.persistence import Database, WorkItem
from drawbridge.runtime import utc_now

_PATIENCE = timedelta(minutes=5)
_PAUSE = timedelta(seconds=5)


async def known_vault(database: Database, item: WorkItem) -> Vault:
    """The item's vault.

    Raises:
        Waiting: ``unknown_vault``, for the first five minutes.
        Unprocessable: ``unknown_vault``, afterwards: the message is parked.
    """
    async with database.reading() as session:
        return await vault_of(session, item)


async def vault_of(session: AsyncSession, item: WorkItem) -> Vault:
    """The same in an open session."""
    vault = await find_vault(session, item.vault_id)
    if vault is not None:
        return vault
    now = utc_now()
    words = f"No vault {item.vault_id!r} is known here."
    if now - item.created_at < _PATIENCE:
        raise Waiting("unknown_vault", now + _PAUSE, words)
    raise Unprocessable("unknown_vault", words, "Create the vault, then replay this message.")


def require_active(vault: Vault) -> None:
    """Make sure that the vault is active.

    Raises:
        Refused: ``vault_inactive``.
    """
    if not vault.settings.active:
        raise Refused("vault_inactive", "This vault is deactivated.", "Activate the vault first.")


async def require_project(database: Database, vault: Vault, project_id: int) -> None:
    """Make sure that the vault is active and selects the project.

    Raises:
        Refused: ``vault_inactive`` or ``project_not_in_vault``.
    """
    async with database.reading() as session:
        await require_selected(session, vault, project_id)


async def require_selected(session: AsyncSession, vault: Vault, project_id: int) -> None:
    """The same in an open session."""
    require_active(vault)
    others = await vaults_of_company(session, vault.settings.procore.company_id)
    if not selects(vault.id, vault.settings, {each.id: each.settings for each in others}, project_id):
        raise Refused(
            "project_not_in_vault",
            f"The vault {vault.id!r} does not have the Procore project {project_id}.",
            "Import it in the vault that has the project, or change the vault's list of projects.",
        )


def policy_of(settings: VaultSettings) -> Policy:
    """What of the settings decides actions."""
    return Policy(settings.accepted_statuses, settings.automated_import, settings.active)
