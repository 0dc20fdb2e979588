"""Re-reading a project: rows, drift, absence, collapsed repeats."""

from datetime import date, timedelta

from sqlalchemy import text

from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.import_service.store.projects import due_syncs, plan_next_syncs
from drawbridge.persistence import Database
from tests.factories.imports import BY, VAULT, ImportWorld
from tests.factories.waiting import eventually


def _sync(world: ImportWorld) -> SyncProject:
    return SyncProject(vault_id=VAULT, requested_by=BY, project_id=world.project_id)


async def _synced(world: ImportWorld) -> None:
    """Wait until the first sync of the project is done."""
    await world.settle_vault(projects=[world.project_id])
    await eventually(lambda: _as_of(world) is not None)


def _as_of(world: ImportWorld) -> ProjectState | None:
    ours = [each for each in world.of(ProjectState) if each.project_id == world.project_id and each.as_of]
    return ours[-1] if ours else None


def _drift(world: ImportWorld, requisition_id: int) -> str | None:
    row = world.row(requisition_id)
    return row.drift.kind if row is not None and row.drift is not None else None


async def _sync_again(world: ImportWorld, database: Database) -> ProjectState:
    """Sync as if the last one was long ago."""
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET as_of = as_of - interval '1 minute'"))
        await tx.session.execute(text("UPDATE procore_invoices SET seen_at = seen_at - interval '1 minute'"))
    answer = await world.do(_sync(world))
    assert isinstance(answer, ProjectState)
    return answer


async def test_all_invoices_of_every_status_become_rows(world: ImportWorld) -> None:
    await _synced(world)
    at_procore = {
        each["id"] for each in world.procore.requisitions.values() if each["project_id"] == world.project_id
    }
    assert len(at_procore) > 10
    rows = {row_id: world.row(row_id) for row_id in at_procore}
    assert all(rows.values())
    for requisition_id, row in rows.items():
        original = world.procore.requisitions[requisition_id]
        assert row is not None
        assert row.procore_status == original["status"]
        assert (row.importable_since is not None) == (original["status"] == "approved")
        assert row.commitment.number
    project = _as_of(world)
    assert project is not None
    assert project.invoices == len(at_procore)


async def test_a_second_sync_changes_nothing_and_a_fresh_one_is_answered_at_once(
    world: ImportWorld, database: Database
) -> None:
    await _synced(world)
    told = len(world.of(ProcoreInvoiceState))
    first = _as_of(world)
    assert first is not None
    answer = await world.do(_sync(world))
    assert isinstance(answer, ProjectState)
    assert answer.as_of == first.as_of

    again = await _sync_again(world, database)
    assert again.as_of is not None
    assert again.as_of > first.as_of  # type: ignore[operator]  # both are set
    assert len(world.of(ProcoreInvoiceState)) == told


async def test_every_one_of_many_syncs_at_once_is_answered(world: ImportWorld, database: Database) -> None:
    await _synced(world)
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET as_of = as_of - interval '1 minute'"))
    commands = [await world.command(_sync(world)) for _ in range(5)]
    answers = [await world.answer(command) for command in commands]
    assert all(isinstance(answer, ProjectState) for answer in answers)


async def test_a_change_after_import_is_drift_and_goes_when_it_is_taken_back(
    world: ImportWorld, database: Database
) -> None:
    await _synced(world)
    requisition_id = world.approved()[0]
    await world.do(world.importing(requisition_id))
    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "100.00"})
    await _sync_again(world, database)
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is not None
    assert row.drift.kind == "changed"
    assert "Net due changed" in row.drift.what

    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "-100.00"})
    await _sync_again(world, database)
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is None


async def test_an_invoice_unapproved_after_import_is_flagged(world: ImportWorld, database: Database) -> None:
    await _synced(world)
    requisition_id = world.approved()[0]
    await world.do(world.importing(requisition_id))
    await world.at_procore("POST", f"requisitions/{requisition_id}/unapprove")
    await _sync_again(world, database)
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is not None
    assert row.drift.kind == "unapproved"
    assert row.import_state == "imported"


async def test_a_deleted_invoice_is_told_apart_from_an_invisible_one(
    world: ImportWorld, database: Database
) -> None:
    await _synced(world)
    deleted, hidden = world.approved()[:2]
    commitments = [world.procore.requisitions[each]["commitment_id"] for each in (deleted, hidden)]
    if commitments[0] == commitments[1]:
        hidden = next(
            each
            for each in world.approved()
            if world.procore.requisitions[each]["commitment_id"] != commitments[0]
        )
    for each in (deleted, hidden):
        assert isinstance(await world.do(world.importing(each)), InvoiceState)
    await world.at_procore("POST", f"requisitions/{deleted}/delete")
    await world.at_procore("POST", f"commitments/{world.procore.requisitions[hidden]['commitment_id']}/hide")
    await _sync_again(world, database)
    gone, unseen = world.row(deleted), world.row(hidden)
    assert gone is not None
    assert gone.drift is not None
    assert gone.drift.kind == "deleted"
    assert unseen is not None
    assert unseen.drift is not None
    assert unseen.drift.kind == "invisible"


async def test_invoices_of_a_project_that_is_hidden_are_invisible_until_it_is_seen_again(
    world: ImportWorld, database: Database
) -> None:
    await _synced(world)
    requisition_id = world.approved()[0]
    assert isinstance(await world.do(world.importing(requisition_id)), InvoiceState)
    await world.at_procore("POST", f"projects/{world.project_id}/hide")
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE vaults SET next_listing_at = now()"))
    await eventually(lambda: _drift(world, requisition_id) == "invisible")
    project = [each for each in world.of(ProjectState) if each.project_id == world.project_id][-1]
    assert project.problem is not None or not project.active

    await world.at_procore("POST", f"projects/{world.project_id}/show")
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE vaults SET next_listing_at = now()"))
        await tx.session.execute(text("UPDATE projects SET next_sync_at = now()"))
    await eventually(lambda: _drift(world, requisition_id) is None)


async def test_invoices_before_go_live_are_held_and_a_person_may_import_them(world: ImportWorld) -> None:
    await world.settle_vault(import_from=date(2100, 1, 1))
    requisition_id = world.approved()[0]
    await eventually(lambda: world.row(requisition_id))
    row = world.row(requisition_id)
    assert row is not None
    assert (row.import_state, row.held_reason) == ("held", "before go-live")

    refused = await world.do(world.importing(requisition_id, how="automated"))
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "held"
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, InvoiceState)


async def test_procores_limit_is_a_wait_that_everybody_sees(world: ImportWorld, database: Database) -> None:
    await _synced(world)
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET as_of = as_of - interval '1 minute'"))
    await world.at_procore("POST", "faults", {"kind": "exhaust_limit", "seconds": 4.5})
    command = await world.command(_sync(world))
    await eventually(lambda: world.of(CommandPostponed))
    postponed = world.of(CommandPostponed)[0]
    assert postponed.command_id == command
    assert postponed.waiting
    assert any(each.waiting and each.waiting.reason == "procore_limit" for each in world.of(ProjectState))
    answer = await world.answer(command, 20)
    assert isinstance(answer, ProjectState)
    assert answer.waiting is None


async def test_a_project_of_no_vault_is_refused(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    other = next(each for each in world.procore.facts["active_project_ids"] if each != world.project_id)
    answer = await world.do(SyncProject(vault_id=VAULT, requested_by=BY, project_id=other))
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "project_not_in_vault"


async def test_the_schedule_finds_a_new_invoice_by_itself(world: ImportWorld) -> None:
    await world.settle_vault(poll_seconds=1)
    await eventually(lambda: _as_of(world))
    billed = await world.at_procore("POST", f"projects/{world.project_id}/requisitions", {})
    requisition_id = billed.json()["id"]
    await eventually(lambda: world.row(requisition_id))
    row = world.row(requisition_id)
    assert row is not None
    assert row.import_state == "not_imported"
    assert row.importable_since is not None


async def test_projects_are_polled_less_often_where_their_polls_would_be_too_many(
    world: ImportWorld, database: Database
) -> None:
    await world.settle_vault(poll_seconds=900)
    await eventually(lambda: _as_of(world))
    projects = len(world.procore.facts["active_project_ids"])
    for allowed, seconds in ((10_000, 900), (1, 3600 * projects)):
        async with database.transaction() as tx:
            await tx.session.execute(text("UPDATE projects SET next_sync_at = :now"), {"now": tx.now})
            claimed = await due_syncs(tx.session, tx.now)
            await plan_next_syncs(tx.session, claimed, tx.now, allowed)
            due = await tx.session.execute(text("SELECT DISTINCT next_sync_at FROM projects"))
            assert due.scalars().all() == [tx.now + timedelta(seconds=seconds)]
        assert len(claimed) == projects


async def test_a_click_on_a_project_that_waits_is_answered_by_its_next_sync(
    world: ImportWorld, database: Database
) -> None:
    await _synced(world)
    waiting = (
        """UPDATE projects SET waiting = '{"reason": "procore_limit", "until": "2030-01-01T00:00:00Z"}'"""
    )
    async with database.transaction() as tx:
        await tx.session.execute(text(waiting))
    answer = await world.do(_sync(world))
    assert isinstance(answer, ProjectState)
    assert answer.waiting is None
    assert answer.change.what == "synced"


async def test_an_older_look_never_undoes_a_newer_one(world: ImportWorld, database: Database) -> None:
    await _synced(world)
    requisition_id = world.approved()[0]
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET as_of = as_of - interval '1 minute'"))
    slow = {"kind": "delay", "seconds": 1, "match": {"path_prefix": "/rest/v1.1/requisitions"}}
    await world.at_procore("POST", "faults", slow)
    listing = await world.command(_sync(world))
    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "100.00"})
    imported = await world.do(world.importing(requisition_id))
    assert isinstance(imported, InvoiceState)
    await world.answer(listing)
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is None
    assert row.import_state == "imported"


async def test_one_invoice_that_cannot_be_stored_keeps_no_other_away(world: ImportWorld) -> None:
    bad, *others = world.approved()
    await world.at_procore("PATCH", f"requisitions/{bad}", {"invoice_number": "A\x00B"})
    await _synced(world)
    await eventually(lambda: all(world.row(each) for each in others))
    assert world.row(bad) is None
    project = _as_of(world)
    assert project is not None
    assert "1 unreadable" in project.change.detail
