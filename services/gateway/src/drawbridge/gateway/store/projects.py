"""Projects as import-service last saw them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Waiting
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import ProjectRow, table


async def store_projects(session: AsyncSession, told: Sequence[Told[ProjectState]]) -> None:
    """Take over the newest state of each project."""
    await store_told(session, table(ProjectRow), told, _project_values)


async def list_projects(session: AsyncSession, vault_id: str) -> list[ProjectState]:
    """The projects of a vault by name."""
    columns = table(ProjectRow).c
    statement = (
        select(columns.data).where(columns.vault_id == vault_id).order_by(columns.name, columns.project_id)
    )
    return [stored(ProjectState, data) for data in (await session.execute(statement)).scalars()]


async def longest_wait(session: AsyncSession, vault_id: str, now: datetime) -> Waiting | None:
    """The wait of the vault's projects that is over last; None when nothing waits any more."""
    waiting = table(ProjectRow).c.data["waiting"]
    statement = select(waiting).where(
        table(ProjectRow).c.vault_id == vault_id, waiting["until"].as_string().is_not(None)
    )
    waits = [stored(Waiting, found) for found in (await session.execute(statement)).scalars()]
    return max(
        (wait for wait in waits if wait.until > now),
        key=lambda wait: wait.until,
        default=None,
    )


async def find_project(session: AsyncSession, vault_id: str, project_id: int) -> ProjectState | None:
    """One project, if import-service has told of it."""
    row = await session.get(ProjectRow, (vault_id, project_id))
    return stored(ProjectState, row.data) if row else None


def _project_values(state: ProjectState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "project_id": state.project_id,
        "name": state.name,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
