"""Show a caller who they are here, and what they may do."""

from dataclasses import dataclass

from drawbridge.gateway.domain.caller import Role
from drawbridge.gateway.store.vaults import Vault, all_vaults
from drawbridge.gateway.usecases.tools import Asking, Tools


@dataclass(frozen=True, slots=True)
class MyVault:
    """A vault that the caller sees, and the role there."""

    vault: Vault
    role: Role


async def show_my_vaults(tools: Tools, asking: Asking) -> list[MyVault]:
    """Every vault that the caller sees, by id."""
    async with tools.database.reading() as session:
        vaults = await all_vaults(session)
    roles = [(vault, asking.caller.role_in(vault.id)) for vault in vaults]
    return [MyVault(vault, role) for vault, role in roles if role is not None]
