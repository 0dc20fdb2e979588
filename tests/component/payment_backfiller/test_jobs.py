"""The two jobs: on a schedule, now, refused, failing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.payments import JobState, RunJob, RunState
from drawbridge.contracts.vaults import JobSettings, ProcoreConnection, VaultProblemsReported
from drawbridge.payment_backfiller.usecases import check_backfill as check_backfill_module
from drawbridge.payment_backfiller.usecases import unknown_vault as unknown_vault_module
from drawbridge.persistence import Database
from drawbridge.runtime import failpoints
from tests.factories.payment_steps import paid_invoice, reaches, run_job
from tests.factories.payments import World, invoice_state, requisitions, vault_state
from tests.factories.waiting import eventually


def _job(world: World, job: str = "payment_retrieval") -> JobState:
    return max((state for state in world.told(JobState) if state.job == job), key=lambda state: state.version)


async def test_a_due_job_runs_by_itself_and_says_when_it_runs_next(world: World, database: Database) -> None:
    await paid_invoice(world)
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE jobs SET next_run_at = now() WHERE job = 'check_backfill'"))
    await reaches(world, "written")
    await eventually(lambda: world.runs("done"))
    [done] = world.runs("done")
    assert (done.job, done.requested_by) == ("check_backfill", "schedule")
    await eventually(lambda: _job(world, "check_backfill").last_run_id == done.id)
    state = _job(world, "check_backfill")
    assert state.next_run_at is not None
    assert state.next_run_at > done.started_at
    assert all(seen.cause is None for seen in world.events if isinstance(seen.message, RunState | JobState))


async def test_a_second_command_is_refused_while_the_first_is_running(world: World) -> None:
    await world.sage.execute("BEGIN; LOCK TABLE dbo.acppmt IN ACCESS EXCLUSIVE MODE")
    command = RunJob(vault_id="main", job="payment_retrieval", requested_by="Kim")
    first = await world.tell(command)
    await eventually(lambda: world.runs("running"))
    second = await world.tell(command)
    await eventually(lambda: world.closing(second))
    assert isinstance(world.closing(second)[0], CommandRefused)
    await world.sage.execute("COMMIT")
    await eventually(lambda: world.closing(first))
    [closing] = world.closing(first)
    assert isinstance(closing, RunState)
    assert closing.status == "done"


async def test_a_ledger_that_cannot_be_read_fails_the_run_and_the_job_until_it_can(world: World) -> None:
    await world.sage.execute("ALTER TABLE dbo.acppmt RENAME TO hidden")
    command = await run_job(world)
    [closing] = world.closing(command)
    assert isinstance(closing, RunState)
    assert closing.status == "failed"
    assert closing.problem is not None
    await eventually(lambda: _job(world).status == "failing")
    assert _job(world).reason == closing.problem.message
    await world.sage.execute("ALTER TABLE dbo.hidden RENAME TO acppmt")
    await run_job(world)
    await eventually(lambda: _job(world).status == "ok")


async def test_check_backfill_tells_how_far_it_is_and_goes_on_where_a_crash_ended_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_backfill_module, "_CHUNK", 1)
    await paid_invoice(world)
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(uuid4(), requisition, number="INV-2"))
    failpoints.arm("check_backfill.after_batch=raise:1")
    command = await run_job(world, "check_backfill")
    failpoints.arm("")
    [closing] = world.closing(command)
    assert isinstance(closing, RunState)
    assert (closing.status, closing.counts["invoices"], closing.counts["matched"]) == ("done", 2, 1)
    assert any(run.counts.get("invoices") == 1 for run in world.runs("running"))


async def test_settings_turn_jobs_off_and_say_why(world: World) -> None:
    off = JobSettings(enabled=False)
    await world.tell(vault_state(world.procore.company_id, version=2, payment_retrieval=off))
    await eventually(lambda: _job(world).status == "off")
    assert "not enabled" in _job(world).reason
    assert _job(world).next_run_at is None


async def test_problems_of_settings_are_reported_and_older_settings_never_win(world: World) -> None:
    connection = ProcoreConnection(
        company_id=7,
        client_id="env:DRAWBRIDGE_SECRET_NOWHERE",
        client_secret="env:DRAWBRIDGE_SECRET_CLIENT_SECRET",
    )
    await world.tell(vault_state(7, version=3, ledger="nowhere", procore=connection))
    await world.tell(vault_state(7, version=2))
    await eventually(lambda: len(world.told(VaultProblemsReported)) == 2)
    report = world.told(VaultProblemsReported)[1]
    assert report.settings_version == 3
    assert {problem.code for problem in report.problems} == {"secret_reference", "unknown_ledger"}


async def test_a_command_for_an_unknown_vault_is_parked_when_patience_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknown_vault_module, "PATIENCE", timedelta(0))
    command = RunJob(vault_id="nowhere", job="payment_retrieval", requested_by="Kim")
    await world.tell(command, uuid4())
    await eventually(lambda: world.parked)
    [parked] = world.parked
    assert RunJob.decode(parked.body) == command
    assert parked.headers["drawbridge-code"] == "unknown_vault"


@pytest.mark.parametrize("job", ["payment_retrieval", "check_backfill"])
async def test_another_ledger_under_the_same_vault_is_refused(world: World, job: str) -> None:
    await paid_invoice(world)
    await run_job(world, job)
    await reaches(world, "written")
    await world.tell(vault_state(world.procore.company_id, version=2, ledger="sage-copy"))
    await eventually(lambda: len(world.told(VaultProblemsReported)) == 2)
    command = await run_job(world)
    [closing] = world.closing(command)
    assert isinstance(closing, RunState)
    assert closing.problem is not None
    assert closing.problem.code == "ledger_changed"
