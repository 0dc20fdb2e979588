"""Payment jobs of a vault and their runs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel

from drawbridge.contracts.payments import JobState, RunState
from drawbridge.contracts.vaults import JobName
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import ToolsOf, VaultPath, ViewerOf
from drawbridge.gateway.entrypoints.http.bodies import Body
from drawbridge.gateway.entrypoints.http.idempotency import ProcessorOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerAtOnce, command_answers
from drawbridge.gateway.entrypoints.http.pages import Page, PagingOf, after_moment, same
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.run_job import run_job, show_jobs, show_run, show_runs

router = APIRouter(prefix="/v1/vaults/{vault_id}/jobs", tags=["jobs"])

type JobPath = Annotated[JobName, Path(description="which of the two jobs")]


class JobList(BaseModel):
    """The jobs of a vault."""

    items: list[JobState]


class RunBody(Body):
    """A dry run reports what would be written and writes nothing."""

    dry_run: bool = False


@router.get("", summary="List jobs", responses=declared(404))
async def list_jobs(tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath) -> JobList:
    """Schedule, state, last and next run of each job."""
    return JobList(items=await show_jobs(tools, vault_id))


@router.post("/{job}/runs", summary="Run a job now", status_code=202, responses=command_answers())
async def post_run(
    tools: ToolsOf,
    asking: ProcessorOnce,
    vault_id: VaultPath,
    job: JobPath,
    answering: AnswerAtOnce,
    body: RunBody | None = None,
) -> Operation:
    """Run it now; the operation ends with the run."""
    operation = await run_job(tools, asking, vault_id, job, dry_run=body.dry_run if body else False)
    return await answering.answer(tools, operation)


@router.get("/{job}/runs", summary="List runs", responses=declared(404))
async def list_runs(
    tools: ToolsOf,
    _asking: ViewerOf,
    vault_id: VaultPath,
    job: JobPath,
    paging: PagingOf,
) -> Page[RunState]:
    """Runs, the newest first, with counts and log."""
    found = await show_runs(tools, vault_id, job, before=after_moment(paging.cursor), limit=paging.one_more)
    return paging.page(
        found,
        same,
        lambda run: [run.started_at.isoformat(), str(run.id)],
    )


@router.get("/{job}/runs/{run_id}", summary="Show a run", responses=declared(404))
async def get_run(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, job: JobPath, run_id: UUID
) -> RunState:
    """One run with its counts, log and problem."""
    return await show_run(tools, vault_id, job, run_id)
