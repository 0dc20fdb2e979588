"""Tell the others about jobs and runs."""

from typing import Literal, cast
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.payments import JobState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import JobName, JobSettings
from drawbridge.payment_backfiller.domain.schedule import next_run
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.store.write_tables import RunRow
from drawbridge.persistence import Transaction


def job_settings(vault: Vault, name: JobName) -> JobSettings:
    """The vault's settings of that job."""
    settings = vault.settings
    return settings.payment_retrieval if name == "payment_retrieval" else settings.check_backfill


def is_on(vault: Vault, name: JobName) -> bool:
    """Whether the job runs on its schedule."""
    return vault.settings.active and vault.settings.ledger is not None and job_settings(vault, name).enabled


async def plan_job(tx: Transaction, vault: Vault, name: JobName) -> None:
    """Set when the job runs next, or why it cannot."""
    row = await jobs.job(tx.session, vault.id, name)
    row.next_run_at = None
    if not is_on(vault, name):
        return
    try:
        row.next_run_at = next_run(job_settings(vault, name).schedule, vault.settings.time_zone, tx.now)
    except Refused as refused:
        row.failing = refused.problem.message


async def publish_job(tx: Transaction, vault: Vault, name: JobName, what: str, cause: Cause) -> None:
    """Send the job's state if it differs from what was sent last."""
    row = await jobs.job(tx.session, vault.id, name)
    enabled = is_on(vault, name)
    status: Literal["ok", "off", "failing"] = "off" if not enabled else "failing" if row.failing else "ok"
    version = vault.next_version(row.version)
    state = JobState(
        version=version,
        change=Change(what=what, at=tx.now),
        vault_id=vault.id,
        job=name,
        enabled=enabled,
        schedule=job_settings(vault, name).schedule,
        status=status,
        reason=row.failing if enabled else _why_off(vault, name),
        last_run_id=row.last_run_id,
        last_run_at=row.last_run_at,
        next_run_at=row.next_run_at,
    )
    body = state.model_dump(mode="json", exclude={"version", "change", "snapshot_id"})
    if body != row.state:
        row.version, row.state = version, body
        tx.send(state, cause=Cause(cause.correlation_id, None, cause.traceparent))


def send_run(tx: Transaction, vault: Vault, run: RunRow, what: str, cause: Cause) -> None:
    """Send a run's next version. Only the last one may carry a command's id in its cause."""
    run.version = vault.next_version(run.version)
    tx.send(jobs.run_state(run, Change(what=what, at=tx.now, by=run.requested_by)), cause=cause)


async def ran(tx: Transaction, vault: Vault, name: JobName, run_id: UUID, failing: str) -> None:
    """Remember a job's last run, and whether it is well."""
    row = await jobs.job(tx.session, vault.id, name)
    row.last_run_id, row.last_run_at, row.failing = run_id, tx.now, failing


def _why_off(vault: Vault, name: JobName) -> str:
    if not vault.settings.active:
        return "The vault is deactivated."
    if not job_settings(vault, name).enabled:
        return "The job is not enabled in the vault's settings."
    return "The vault's settings name no ledger."


def job_name(text: object) -> JobName:
    """A job's name out of a payload or a row, which only ever hold one."""
    return cast("JobName", text)
