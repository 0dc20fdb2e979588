"""Which projects of a Procore company belong to a vault: a list, or the rest."""

from collections.abc import Mapping

from drawbridge.contracts.vaults import VaultSettings


def selects(
    vault_id: str, settings: VaultSettings, active: Mapping[str, VaultSettings], project_id: int
) -> bool:
    """Whether the vault has the project; ``active`` are the active vaults of the same company.

    Should two vaults list one project, the first by id has it.
    """
    if settings.projects == "rest":
        return not any(project_id in other.projects for other in active.values() if other.projects != "rest")
    if project_id not in settings.projects:
        return False
    listing = sorted(
        each for each, other in active.items() if other.projects != "rest" and project_id in other.projects
    )
    return not listing or listing[0] >= vault_id
