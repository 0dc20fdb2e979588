"""What a page of the grid shows beside its rows, in one round trip: vault, jobs, the chosen project."""

from dataclasses import dataclass
from functools import lru_cache

from pydantic_core import from_json
from sqlalchemy import BigInteger, Text, and_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from drawbridge.contracts.payments import JobState
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.gateway.domain.refusals import no_vault
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import JobRow, ProjectRow, VaultRow, table
from drawbridge.persistence import PreparedRead, PreparedReads

_vaults = table(VaultRow).c
_jobs = table(JobRow).c
_projects = table(ProjectRow).c

_ALL_JOBS = (
    select(func.jsonb_agg(aggregate_order_by(_jobs.data, _jobs.job)))
    .where(_jobs.vault_id == _vaults.id)
    .scalar_subquery()
)


_SETTING = PreparedRead(
    select(
        cast(_vaults.settings, Text).label("settings"),
        _ALL_JOBS.label("jobs"),
        _projects.data.label("project"),
    )
    .outerjoin_from(
        table(VaultRow),
        table(ProjectRow),
        and_(
            _projects.vault_id == _vaults.id,
            _projects.project_id == bindparam("project_id", type_=BigInteger),
        ),
    )
    .where(_vaults.id == bindparam("vault_id"))
)


@dataclass(frozen=True, slots=True)
class GridSetting:
    """A vault's settings and jobs; ``project`` is None when none was chosen, or nobody told of it yet."""

    settings: VaultSettings
    jobs: list[JobState]
    project: ProjectState | None


async def grid_setting(reads: PreparedReads, vault_id: str, project_id: int | None) -> GridSetting:
    """The three of them.

    Raises:
        NotFound: when there is no such vault.
    """
    line = await reads.first(_SETTING, {"vault_id": vault_id, "project_id": project_id})
    if line is None:
        raise no_vault(vault_id)
    return GridSetting(
        _settings(line["settings"]),
        [stored(JobState, data) for data in line["jobs"] or ()],
        stored(ProjectState, line["project"]) if line["project"] else None,
    )


@lru_cache(maxsize=256)
def _settings(text: str) -> VaultSettings:
    """Settings change seldom: the same text is read once."""
    return stored(VaultSettings, from_json(text))
