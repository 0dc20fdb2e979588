"""What a page of the grid shows beside its rows, in one round trip: vault, jobs, the chosen project."""

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import JobState
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.gateway.domain.refusals import no_vault
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import JobRow, ProjectRow, VaultRow, table
from drawbridge.gateway.store.vaults import Vault, read_vault

_vaults = table(VaultRow).c
_jobs = table(JobRow).c
_projects = table(ProjectRow).c

_ALL_JOBS = (
    select(func.jsonb_agg(aggregate_order_by(_jobs.data, _jobs.job)))
    .where(_jobs.vault_id == _vaults.id)
    .scalar_subquery()
)


_SETTING = (
    select(*table(VaultRow).c, _ALL_JOBS.label("jobs"), _projects.data.label("project"))
    .outerjoin_from(
        table(VaultRow),
        table(ProjectRow),
        and_(_projects.vault_id == _vaults.id, _projects.project_id == bindparam("chosen_id")),
    )
    .where(_vaults.id == bindparam("wanted_id"))
)


async def grid_setting(
    session: AsyncSession, vault_id: str, project_id: int | None
) -> tuple[Vault, list[JobState], ProjectState | None]:
    """The three of them; a project that import-service has not told of is None.

    Raises:
        NotFound: when there is no such vault.
    """
    found = await session.execute(_SETTING, {"wanted_id": vault_id, "chosen_id": project_id})
    line = found.first()
    if line is None:
        raise no_vault(vault_id)
    jobs = [stored(JobState, data) for data in line.jobs or ()]
    return read_vault(line), jobs, stored(ProjectState, line.project) if line.project else None
