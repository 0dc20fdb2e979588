"""Show vaults: what the services found in their settings, whether payments flow, what they wait for."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.values import Waiting
from drawbridge.gateway.domain.payments_flow import PaymentsFlow, payments_flow
from drawbridge.gateway.store.jobs import jobs_of
from drawbridge.gateway.store.projects import longest_wait
from drawbridge.gateway.store.vaults import FoundProblems, Vault, all_vaults, get_vault, problems_of
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.runtime import utc_now


@dataclass(frozen=True, slots=True)
class ShownVault:
    """A vault with the state of things around it."""

    vault: Vault
    problems: list[FoundProblems]
    payments_flow: PaymentsFlow
    waiting: Waiting | None = None


async def show_vault(tools: Tools, vault_id: str) -> ShownVault:
    """One vault.

    Raises:
        NotFound: when there is none of that id.
    """
    async with tools.database.reading() as session:
        return await _shown(session, await get_vault(session, vault_id))


async def show_vaults(tools: Tools, asking: Asking) -> list[ShownVault]:
    """All vaults that the caller may see."""
    async with tools.database.reading() as session:
        return [
            await _shown(session, vault)
            for vault in await all_vaults(session)
            if asking.caller.sees(vault.id)
        ]


async def _shown(session: AsyncSession, vault: Vault) -> ShownVault:
    jobs = await jobs_of(session, vault.id)
    return ShownVault(
        vault,
        await problems_of(session, vault),
        payments_flow(vault.settings, jobs),
        await longest_wait(session, vault.id, utc_now()),
    )
