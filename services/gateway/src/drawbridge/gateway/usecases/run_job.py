"""Ask payment-backfiller to run a payment job now, and show jobs and runs."""

from datetime import datetime
from uuid import UUID

from drawbridge.contracts.payments import JobState, RunJob, RunState
from drawbridge.contracts.vaults import JobName
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.jobs import get_run, jobs_of, list_runs
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def run_job(tools: Tools, asking: Asking, vault_id: str, job: JobName, *, dry_run: bool) -> Operation:
    """Send the command; a dry run reports what would be written and writes nothing.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        command = RunJob(vault_id=vault_id, job=job, dry_run=dry_run, requested_by=asking.caller.name)
        return await send_command(tx, asking, "run_job", command)


async def show_jobs(tools: Tools, vault_id: str) -> list[JobState]:
    """The jobs of a vault."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await jobs_of(session, vault_id)


async def show_runs(
    tools: Tools, vault_id: str, job: JobName, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[RunState]:
    """A page of runs, the newest first."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await list_runs(session, vault_id, job, before=before, limit=limit)


async def show_run(tools: Tools, vault_id: str, job: JobName, run_id: UUID) -> RunState:
    """One run.

    Raises:
        NotFound: when there is no such vault or run.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await get_run(session, vault_id, job, run_id)
