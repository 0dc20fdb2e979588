"""Webhooks only lower the latency: set up by themselves, followed at once, and never needed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProjectState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.import_service.entrypoints.intake import COMMANDS_QUEUE
from drawbridge.import_service.store.vaults import store_settings
from drawbridge.import_service.usecases.follow_changes import MANY, follow_changes
from drawbridge.import_service.usecases.list_projects import LIST_PROJECTS, listing_work
from drawbridge.import_service.usecases.sync_project import POLL, SYNC_PROJECT, sync_work
from drawbridge.persistence import Database, WorkStore
from drawbridge.sandbox.procore import Procore, seeded_procore
from drawbridge.sandbox.procore.telling import tell
from drawbridge.sandbox.procore.values import FIRST_ID
from tests.factories.imports import DAWN, VAULT, ImportWorld, RunningWorld, vault_settings
from tests.factories.waiting import eventually
from tests.factories.webhooks import AUTHORIZATION, WEBHOOK_SECRET, HintRoad, with_webhooks

TRIGGERS = {("Draw Requests", event) for event in ("create", "update", "delete")}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEBHOOK_SECRET, AUTHORIZATION)


def _project(world: ImportWorld) -> ProjectState | None:
    """The newest state of the project, once it was read."""
    ours = [each for each in world.of(ProjectState) if each.project_id == world.project_id]
    return max(ours, key=lambda each: each.version, default=None)


def _webhook_active(world: ImportWorld) -> bool:
    project = _project(world)
    return project is not None and project.webhook is not None and project.webhook.active


def _is_read(world: ImportWorld) -> bool:
    project = _project(world)
    return project is not None and project.as_of is not None


async def _hooked(world: ImportWorld) -> HintRoad:
    """Wait until the project was read and has its hook."""
    await world.settle_vault(projects=[world.project_id], procore=with_webhooks(world.procore))
    await eventually(lambda: _is_read(world) and _webhook_active(world))
    return HintRoad(world)


def _row(world: ImportWorld, requisition_id: int) -> ProcoreInvoice:
    row = world.row(requisition_id)
    assert row is not None
    return row


def _hooks(world: ImportWorld) -> list[set[tuple[str, str]]]:
    return [
        {(each["resource_name"], each["event_type"]) for each in hook.triggers.values()}
        for hook in world.procore.webhooks.of_project(world.project_id)
    ]


def _hint(world: ImportWorld, requisition_id: int, event_id: str) -> FollowChange:
    return FollowChange(
        vault_id=VAULT,
        event_id=event_id,
        resource="Draw Requests",
        resource_id=requisition_id,
        project_id=world.project_id,
    )


def _drift(world: ImportWorld, requisition_id: int) -> str:
    drift = _row(world, requisition_id).drift
    return drift.kind if drift else ""


async def test_a_hook_is_set_up_for_a_project_and_taken_away_with_the_setting(world: ImportWorld) -> None:
    await _hooked(world)
    assert _hooks(world) == [TRIGGERS]
    (hook,) = world.procore.webhooks.of_project(world.project_id)
    assert hook.authorization == AUTHORIZATION
    assert hook.public["payload_version"] == "v4.0"
    assert hook.public["namespace"] == f"drawbridge-{VAULT}"

    await world.settle_vault(version=2, projects=[world.project_id])
    await eventually(lambda: _hooks(world) == [])
    await eventually(lambda: (project := _project(world)) is not None and project.webhook is None)


async def test_a_doubtful_answer_leaves_one_hook_and_a_damaged_one_is_mended(
    world: ImportWorld, database: Database
) -> None:
    created = {"method": "POST", "path_prefix": "/rest/v2.0/"}
    await world.at_procore("POST", "faults", {"kind": "apply_then_drop", "match": created})
    await world.settle_vault(projects=[world.project_id], procore=with_webhooks(world.procore))
    await eventually(lambda: len(_hooks(world)) == 1)
    await _at_once(database, "UPDATE work_items SET next_attempt_at = now() WHERE kind = 'settle_webhook'")
    await eventually(lambda: _webhook_active(world))
    assert _hooks(world) == [TRIGGERS]

    (hook,) = world.procore.webhooks.of_project(world.project_id)
    hook.public["status"], hook.authorization = "disabled", "forgotten"
    hook.triggers.clear()
    await _at_once(database, "UPDATE webhooks SET next_check_at = now() - interval '1 minute'")
    await eventually(lambda: _hooks(world) == [TRIGGERS])
    assert (hook.public["status"], hook.authorization) == ("active", AUTHORIZATION)


async def test_where_procore_offers_no_webhooks_the_project_says_so_and_is_read_all_the_same(
    world: ImportWorld,
) -> None:
    await world.at_procore("PUT", "webhooks", {"offered": {"Contract Payments": ["create"]}})
    await world.settle_vault(projects=[world.project_id], procore=with_webhooks(world.procore))
    await eventually(lambda: _is_read(world) and (project := _project(world)) and project.webhook)
    project = _project(world)
    assert project is not None
    assert project.webhook is not None
    assert project.webhook.problem is not None
    assert project.webhook.problem.code == "no_webhook_resource"
    assert project.problem is None


async def test_what_a_webhook_names_is_seen_at_once(world: ImportWorld) -> None:
    await _hooked(world)
    changed, unapproved, deleted = world.approved()[:3]
    for each in (changed, unapproved, deleted):
        assert isinstance(await world.do(world.importing(each)), InvoiceState)
    await world.at_procore("POST", f"requisitions/{changed}/correct", {"work": "100.00"})
    await world.at_procore("POST", f"requisitions/{unapproved}/unapprove")
    await world.at_procore("POST", f"requisitions/{deleted}/delete")
    billed = await world.at_procore("POST", f"projects/{world.project_id}/requisitions", {})
    await eventually(lambda: _drift(world, changed) == "changed")
    await eventually(lambda: _drift(world, unapproved) == "unapproved")
    await eventually(lambda: _drift(world, deleted) == "deleted")
    await eventually(lambda: world.row(billed.json()["id"]))


async def test_repeats_cost_one_call_and_our_own_changes_none(world: ImportWorld, database: Database) -> None:
    road = await _hooked(world)
    requisition_id = world.approved()[0]
    record = world.procore.requisitions[requisition_id]
    shown = f"/rest/v1.1/requisitions/{requisition_id}"
    await tell(world.procore, record, "update", user_id=FIRST_ID)
    await _followed(database, road)
    assert _calls_of(world, shown) == 0
    for _ in range(5):
        await tell(world.procore, record, "update")
    await _followed(database, road)
    assert 1 <= _calls_of(world, shown) <= 5
    before = _calls_of(world, shown)
    hint = _hint(world, requisition_id, "1")
    foreign = hint.model_copy(update={"resource": "Contract Payments"})
    road.hints.append(await world.command(foreign))
    await _followed(database, road)
    assert _calls_of(world, shown) == before


async def test_very_many_hints_at_once_read_the_project_instead(
    world: ImportWorld, database: Database
) -> None:
    await _hooked(world)
    hints = [_hint(world, requisition_id, str(requisition_id)) for requisition_id in range(1, MANY + 2)]
    async with database.transaction() as tx:
        await follow_changes(tx, [(hint, Cause.new()) for hint in hints])
        added = await tx.session.execute(text("SELECT kind FROM work_items WHERE kind <> 'list_projects'"))
        assert list(added.scalars()) == ["sync_project"]


async def test_hints_that_meet_a_reading_under_way_let_it_be_done_once_more(database: Database) -> None:
    settings = vault_settings(FIRST_ID)
    state = VaultSettingsState(
        version=1, change=Change(what="changed", at=DAWN), vault_id=VAULT, settings=settings
    )
    store = WorkStore(database)
    async with database.transaction() as tx:
        await store_settings(tx.session, [(state, tx.now)], tx.now)
        await tx.add_work(sync_work(VAULT, 1, Cause.new(), POLL), listing_work(VAULT, Cause.new()))
    running = await store.lease([SYNC_PROJECT, LIST_PROJECTS], 10, timedelta(minutes=1))
    hints = [
        FollowChange(vault_id=VAULT, event_id=f"{n}", resource=name, resource_id=n, project_id=1)
        for n, name in enumerate(["Projects"] + ["Draw Requests"] * (MANY + 1), start=1)
    ]
    async with database.transaction() as tx:
        await follow_changes(tx, [(hint, Cause.new()) for hint in hints])
    for item in running:
        async with database.finishing(item):
            pass
    again = await store.lease([SYNC_PROJECT, LIST_PROJECTS], 10, timedelta(minutes=1))
    assert {item.subject for item in again} == {item.subject for item in running}
    assert len(again) == 2


async def test_all_webhooks_lost_for_a_day_then_the_poll_ends_as_with_all_delivered(
    running: RunningWorld, database: Database, procore: Procore
) -> None:
    async with running(procore) as world:
        await _hooked(world)
        await world.at_procore("PUT", "webhooks", {"road": "lost"})
        await _a_day_at_procore(world)
        assert {each.status for each in procore.webhooks.deliveries} == {"discarded"}
        before = await _state(database)
        await _a_day_later(database)
        await eventually(lambda: _reads(world) > 1)
        lost = await _state(database)
    assert lost != before

    await _empty(database)
    again = seeded_procore()
    async with running(again) as world:
        road = await _hooked(world)
        await world.at_procore("PUT", "webhooks", {"road": "doubled"})
        await _a_day_at_procore(world)
        await _followed(database, road)
        assert {each.status for each in again.webhooks.deliveries} == {"delivered"}
        assert _reads(world) == 1
        delivered = await _state(database)
    assert delivered == lost


async def _a_day_at_procore(world: ImportWorld) -> None:
    """Import some, then change, un-approve, delete and bill."""
    changed, unapproved, deleted, restored, unseen = world.approved()[:5]
    for each in (changed, unapproved, deleted, restored):
        assert isinstance(await world.do(world.importing(each)), InvoiceState)
    await world.at_procore("POST", f"requisitions/{changed}/correct", {"work": "100.00"})
    await world.at_procore("POST", f"requisitions/{unapproved}/unapprove")
    await world.at_procore("POST", f"requisitions/{deleted}/delete")
    await world.at_procore("POST", f"requisitions/{restored}/correct", {"work": "5.00"})
    await world.at_procore("POST", f"requisitions/{restored}/correct", {"work": "-5.00"})
    await world.at_procore("POST", f"requisitions/{unseen}/delete")
    billed = {"invoice_number": "NEW-1", "billing_date": "2026-03-31"}
    await world.at_procore("POST", f"projects/{world.project_id}/requisitions", billed)
    draft = next(
        each["id"]
        for each in world.procore.requisitions.values()
        if each["project_id"] == world.project_id and each["status"] == "under_review"
    )
    await world.at_procore("POST", f"requisitions/{draft}/approve")


async def _a_day_later(database: Database) -> None:
    """Move all that was noted into the past, so that poll and sweep are due."""
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE procore_invoices SET seen_at = seen_at - interval '1 day'"))
        await tx.session.execute(
            text(
                "UPDATE projects SET as_of = as_of - interval '1 day',"
                " swept_at = swept_at - interval '1 day', next_sync_at = now()"
            )
        )


async def _state(database: Database) -> list[tuple[object, ...]]:
    """All rows and AP invoices, without what no two runs share: our own ids, instants, versions."""
    rows = (
        "SELECT r.requisition_id, r.net_due, r.retainage, r.procore_status, r.content_hash, r.import_state,"
        " r.importable_since IS NULL, r.drift ->> 'kind', r.drift ->> 'what', r.held_reason,"
        " r.imported_hash, r.commitment, r.vendor, i.status, i.net_due AS ours, i.header"
        " FROM procore_invoices r LEFT JOIN invoices i USING (vault_id, requisition_id)"
        " ORDER BY r.requisition_id"
    )
    async with database.reading() as session:
        return [tuple(row) for row in await session.execute(text(rows))]


async def _followed(database: Database, road: HintRoad) -> None:
    """Wait until every hint was taken in and no work that came of it is left."""

    async def left() -> int:
        counts = (
            "SELECT (SELECT count(*) FROM work_items WHERE kind IN ('look_at_invoice', 'sync_project'))"
            " + :hints - (SELECT count(*) FROM inbox WHERE key = ANY(:keys))"
        )
        keys = [f"{COMMANDS_QUEUE}/{each}" for each in road.hints]
        async with database.reading() as session:
            return int((await session.execute(text(counts), {"hints": len(keys), "keys": keys})).scalar_one())

    async with asyncio.timeout(30):
        while await left():  # noqa: ASYNC110  # the database has no event for it
            await asyncio.sleep(0.1)


async def _empty(database: Database) -> None:
    async with database.transaction() as tx:
        tables = await tx.session.execute(
            text("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'imports'")
        )
        names = [each for each in tables.scalars() if each not in ("alembic_version", "epoch")]
        await tx.session.execute(text(f"TRUNCATE {', '.join(f'imports.{each}' for each in names)}"))


async def _at_once(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(text(statement))


def _reads(world: ImportWorld) -> int:
    return len({each.as_of for each in world.of(ProjectState) if each.as_of})


def _calls_of(world: ImportWorld, path: str) -> int:
    return world.procore.calls[f"GET {path}"]
