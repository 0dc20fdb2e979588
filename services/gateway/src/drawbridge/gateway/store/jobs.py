"""Payment jobs and their runs, as payment-backfiller last told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import JobState, RunState
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import JobRow, RunRow, table

_jobs = table(JobRow).c
_runs = table(RunRow).c


async def store_jobs(session: AsyncSession, told: Sequence[Told[JobState]]) -> None:
    """Take over the newest state of each job."""
    await store_told(session, table(JobRow), told, _job_values)


async def store_runs(session: AsyncSession, told: Sequence[Told[RunState]]) -> None:
    """Take over the newest state of each run."""
    await store_told(session, table(RunRow), told, _run_values)


async def jobs_of(session: AsyncSession, vault_id: str) -> list[JobState]:
    """The jobs of a vault that payment-backfiller has told of."""
    statement = select(_jobs.data).where(_jobs.vault_id == vault_id).order_by(_jobs.job)
    return [stored(JobState, data) for data in (await session.execute(statement)).scalars()]


async def list_runs(
    session: AsyncSession,
    vault_id: str,
    job: str,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[RunState]:
    """Runs of a job, the newest first, from after the one that ``before`` names."""
    statement = select(_runs.data).where(_runs.vault_id == vault_id, _runs.job == job)
    if before is not None:
        statement = statement.where(tuple_(_runs.started_at, _runs.id) < tuple_(*before))
    statement = statement.order_by(_runs.started_at.desc(), _runs.id.desc()).limit(limit)
    return [stored(RunState, data) for data in (await session.execute(statement)).scalars()]


async def get_run(session: AsyncSession, vault_id: str, job: str, run_id: UUID) -> RunState:
    """One run of a job.

    Raises:
        NotFound: when the job has none of that id.
    """
    row = await session.get(RunRow, (vault_id, run_id))
    if row is None or row.job != job:
        raise NotFound("run_not_found", f"This job has no run {run_id}.")
    return stored(RunState, row.data)


def _job_values(state: JobState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "job": state.job,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }


def _run_values(state: RunState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "id": str(state.id),
        "job": state.job,
        "started_at": state.started_at.isoformat(),
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
