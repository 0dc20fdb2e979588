"""Procore projects of the vaults, and the commands that wait for a project's sync."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Row, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.import_service.store.tables import projects, sync_requests, vaults

_ROWS_A_STATEMENT = 500
_MEMBERS = (
    "vault_id",
    "project_id",
    "name",
    "number",
    "active",
    "as_of",
    "invoices",
    "waiting",
    "problem",
    "webhook",
    "version",
)


async def find_project(
    session: AsyncSession, vault_id: str, project_id: int, *, lock: bool = False
) -> ProjectState | None:
    """A project as it was last told; its ``change`` is the caller's to replace."""
    query = select(projects).where(projects.c.vault_id == vault_id, projects.c.project_id == project_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return _state(row) if row else None


async def find_projects(
    session: AsyncSession, vault_id: str, project_ids: Collection[int]
) -> dict[int, ProjectState]:
    """Some projects of a vault, by id."""
    condition = (projects.c.vault_id == vault_id) & projects.c.project_id.in_(list(project_ids))
    return {each.project_id: each for each in await projects_where(session, condition)}


async def projects_of(session: AsyncSession, vault_id: str, *, lock: bool = False) -> list[ProjectState]:
    """All projects that the vault ever had, by id."""
    query = select(projects).where(projects.c.vault_id == vault_id).order_by(projects.c.project_id)
    rows = await session.execute(query.with_for_update() if lock else query)
    return [_state(row) for row in rows]


async def projects_where(session: AsyncSession, condition: ColumnElement[bool]) -> list[ProjectState]:
    """Each project for which it holds, as it was last told."""
    return [_state(row) for row in await session.execute(select(projects).where(condition))]


async def save_projects(session: AsyncSession, states: Sequence[ProjectState]) -> None:
    """Write projects; a new one is due at once."""
    rows = [_row(state) for state in sorted(states, key=lambda each: each.project_id)]
    names = [name for name in _MEMBERS if name not in ("vault_id", "project_id")]
    for some in batched(rows, _ROWS_A_STATEMENT):
        statement = insert(projects).values(list(some))
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["vault_id", "project_id"],
                set_={name: statement.excluded[name] for name in names},
            )
        )


async def last_sweep(session: AsyncSession, vault_id: str, project_id: int) -> datetime | None:
    """When the last re-read of all invoices of the project began."""
    query = select(projects.c.swept_at).where(
        projects.c.vault_id == vault_id, projects.c.project_id == project_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def note_sweep(session: AsyncSession, vault_id: str, project_id: int, began: datetime) -> None:
    """Note that all invoices of the project were re-read."""
    statement = update(projects).where(projects.c.vault_id == vault_id, projects.c.project_id == project_id)
    await session.execute(statement.values(swept_at=began))


async def due_syncs(session: AsyncSession, now: datetime) -> list[tuple[str, int]]:
    """Projects of active vaults whose poll is due."""
    query = (
        select(projects.c.vault_id, projects.c.project_id)
        .join(vaults, vaults.c.vault_id == projects.c.vault_id)
        .where(vaults.c.active, projects.c.active, projects.c.next_sync_at <= now)
        .order_by(projects.c.vault_id, projects.c.project_id)
    )
    return [(row.vault_id, row.project_id) for row in await session.execute(query)]


async def plan_next_syncs(
    session: AsyncSession, due: Sequence[tuple[str, int]], now: datetime, polls_per_hour: float
) -> None:
    """Set when these projects are polled next.

    That is after the vault's ``poll_seconds``, or later where the company has so many projects that their
    polls would be more than so many an hour.
    """
    statement = text(
        """
        WITH companies AS (
            SELECT v.company_id, count(*) AS projects
            FROM imports.projects p JOIN imports.vaults v USING (vault_id)
            WHERE v.active AND p.active GROUP BY v.company_id
        ), due AS (
            SELECT * FROM unnest(cast(:vault_ids AS text[]), cast(:project_ids AS bigint[]))
                AS named (vault_id, project_id)
        )
        UPDATE imports.projects p
        SET next_sync_at = cast(:now AS timestamptz) + make_interval(secs => greatest(
            (v.settings ->> 'poll_seconds')::double precision, 3600 * c.projects / :polls_per_hour
        ))
        FROM imports.vaults v JOIN companies c USING (company_id) JOIN due USING (vault_id)
        WHERE v.vault_id = p.vault_id AND due.project_id = p.project_id
        """
    ).bindparams(bindparam("polls_per_hour", type_=Double))
    named = {"vault_ids": [each for each, _ in due], "project_ids": [each for _, each in due]}
    await session.execute(statement, {"now": now, "polls_per_hour": polls_per_hour, **named})


async def hasten_syncs(session: AsyncSession, vault_ids: Collection[str], now: datetime) -> None:
    """Let all invoices of these vaults be read at once, because their settings changed."""
    if vault_ids:
        statement = update(projects).where(projects.c.vault_id.in_(list(vault_ids)))
        await session.execute(statement.values(next_sync_at=now, swept_at=None))


async def add_sync_requests(session: AsyncSession, requests: Sequence[tuple[str, int, Cause]]) -> None:
    """Remember who waits for a project's sync."""
    rows = [
        {
            "message_id": cause.causation_id,
            "vault_id": vault_id,
            "project_id": project_id,
            "correlation_id": cause.correlation_id,
            "traceparent": cause.traceparent,
        }
        for vault_id, project_id, cause in requests
    ]
    if rows:
        await session.execute(insert(sync_requests).values(rows).on_conflict_do_nothing())


async def waiting_for(session: AsyncSession, vault_id: str, project_id: int) -> list[Cause]:
    """Who waits for the project's sync."""
    query = select(sync_requests).where(
        sync_requests.c.vault_id == vault_id, sync_requests.c.project_id == project_id
    )
    return [_cause(row.message_id, row) for row in await session.execute(query)]


async def take_sync_requests(session: AsyncSession, vault_id: str, project_id: int) -> list[Cause]:
    """Take out who waits for the project's sync, to be answered in this transaction."""
    statement = delete(sync_requests).where(
        sync_requests.c.vault_id == vault_id, sync_requests.c.project_id == project_id
    )
    rows = await session.execute(statement.returning(*sync_requests.c))
    return [_cause(row.message_id, row) for row in rows]


def _cause(message_id: UUID, row: Any) -> Cause:  # noqa: ANN401  # a row of whatever columns were asked for
    return Cause(row.correlation_id, message_id, row.traceparent)


def _state(row: Row[Any]) -> ProjectState:
    members = {name: getattr(row, name) for name in _MEMBERS}
    change = {"what": "read", "at": row.next_sync_at}
    return ProjectState.model_validate({**members, "change": change}, extra="ignore")


def _row(state: ProjectState) -> dict[str, Any]:
    members = {name: getattr(state, name) for name in _MEMBERS}
    for name in ("waiting", "problem", "webhook"):
        members[name] = members[name].model_dump(mode="json") if members[name] else None
    return {**members, "next_sync_at": state.change.at}
