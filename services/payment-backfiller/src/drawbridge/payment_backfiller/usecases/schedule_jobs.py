"""Start the jobs whose time has come, and take commands to run one now."""

from collections.abc import Sequence
from dataclasses import dataclass

from drawbridge.contracts import payments
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.vaults import JobName
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.vaults import lock_vault
from drawbridge.payment_backfiller.usecases.publish_jobs import is_on, job_name, plan_job, publish_job
from drawbridge.payment_backfiller.usecases.run_job import RUN_JOB, SCHEDULE
from drawbridge.persistence import CLICK, NORMAL, Database, NewWork, Origin, Transaction
from drawbridge.runtime import utc_now

_BUSY = Problem(
    code="run_unfinished",
    message="This job is running or about to run already.",
    advice="Wait until that run is finished, then ask again.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command to run a job now, and what is needed to answer it."""

    command: payments.RunJob
    cause: Cause
    origin: Origin


async def start_due_jobs(database: Database) -> None:
    """Add a run for every job that is due; two workers doing so at once add one."""
    async with database.reading() as session:
        due = await jobs.due_jobs(session, utc_now())
    for vault_id, job in due:
        async with database.transaction() as tx:
            await _start(tx, vault_id, job_name(job))


async def ask_for_runs(tx: Transaction, asked: Sequence[Asked]) -> None:
    """Add a run for each command; one that meets an unfinished run of the job is refused."""
    works = [
        _work(each.command.vault_id, each.command.job, each.cause, each.command, each.origin)
        for each in asked
    ]
    for each, added in zip(asked, await tx.add_work(*works), strict=True):
        if not added and each.cause.causation_id is not None:
            refusal = CommandRefused(
                vault_id=each.command.vault_id,
                command_id=each.cause.causation_id,
                command_subject=each.command.subject(),
                problem=_BUSY,
            )
            tx.send(refusal, cause=each.cause)


async def _start(tx: Transaction, vault_id: str, name: JobName) -> None:
    vault = await lock_vault(tx.session, vault_id)
    row = await jobs.job(tx.session, vault_id, name)
    if vault is None or row.next_run_at is None or row.next_run_at > tx.now:
        return
    cause = Cause.new()
    if is_on(vault, name):
        await tx.add_work(_work(vault_id, name, cause, None, None))
    await plan_job(tx, vault, name)
    await publish_job(tx, vault, name, "run_due", cause)


def _work(
    vault_id: str, name: JobName, cause: Cause, command: payments.RunJob | None, origin: Origin | None
) -> NewWork:
    return NewWork(
        kind=RUN_JOB,
        subject=f"job/{vault_id}/{name}",
        vault_id=vault_id,
        payload={
            "job": name,
            "dry_run": command.dry_run if command else False,
            "requested_by": command.requested_by if command else SCHEDULE,
        },
        cause=cause,
        priority=CLICK if command else NORMAL,
        unique=True,
        origin=origin,
    )
