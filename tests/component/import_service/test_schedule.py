"""The schedule beside work that ends in the same moment."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.import_service.store.projects import find_project, save_projects
from drawbridge.import_service.store.vaults import store_settings
from drawbridge.import_service.usecases.schedule_reads import ReadSchedule
from drawbridge.import_service.usecases.sync_project import POLL, sync_work
from drawbridge.persistence import Database
from tests.factories.core import count
from tests.factories.imports import DAWN, VAULT, vault_settings

PROJECT = 562949954421313
_DUE = text("UPDATE projects SET next_sync_at = now() - interval '1 minute'")
_END = text("DELETE FROM work_items WHERE kind = 'sync_project' RETURNING id")


async def _one_project_under_way(database: Database) -> None:
    """A project whose poll is under way, while its next one is due already."""
    change = Change(what="changed", at=DAWN)
    async with database.transaction() as tx:
        settings = VaultSettingsState(version=1, change=change, vault_id=VAULT, settings=vault_settings(7))
        await store_settings(tx.session, [(settings, tx.now)], tx.now)
        project = ProjectState(vault_id=VAULT, project_id=PROJECT, name="Mill", version=1, change=change)
        await save_projects(tx.session, [project])
        await tx.session.execute(_DUE)
        await tx.add_work(sync_work(VAULT, PROJECT, Cause.new(), POLL))


async def test_it_does_not_wait_in_a_circle_with_a_poll_that_ends(database: Database) -> None:
    await _one_project_under_way(database)
    schedule = ReadSchedule(database, timedelta(hours=1), polls_per_hour=1_000)
    async with database.transaction() as tx:
        assert (await tx.session.execute(_END)).scalar_one()
        planning = asyncio.create_task(schedule.run())
        async with asyncio.timeout(30):
            await _blocked(database)
        # PostgreSQL would end one of the two here if the schedule held the project already.
        assert await find_project(tx.session, VAULT, PROJECT, lock=True)
    await planning
    assert await count(database, "work_items") == 2  # the next poll, and the listing of the vault's projects
    assert await count(database, "projects", "next_sync_at > now()") == 1


async def _blocked(database: Database) -> None:
    """Wait until somebody waits for a lock in this database."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while True:
        async with database.reading() as session:
            if (await session.execute(waits)).scalar_one():
                return
        await asyncio.sleep(0.05)
