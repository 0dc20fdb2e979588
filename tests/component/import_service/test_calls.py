"""How many calls a first import costs, where lists bring the lines and where they do not."""

from datetime import datetime
from math import floor

import pytest
from sqlalchemy import text

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now
from drawbridge.sandbox.procore import Procore, RateLimits
from tests.factories.imports import CLIENT_ID, CLIENT_SECRET, ImportWorld
from tests.factories.large_company import large_procore, least_calls, leave_out_lines
from tests.factories.waiting import eventually

PROJECTS, INVOICES = 2, 25


@pytest.fixture
def procore(monkeypatch: pytest.MonkeyPatch) -> Procore:
    """A company with nothing unusual about it, and no limit."""
    monkeypatch.setenv(CLIENT_ID, "sandbox-client")
    monkeypatch.setenv(CLIENT_SECRET, "sandbox-secret")
    made = large_procore(PROJECTS, INVOICES, RateLimits(10**9, 10**9))
    made.facts["active_project_ids"] = list(made.projects)
    return made


async def _import_all(world: ImportWorld) -> int:
    """Let automation import everything; gives how many calls that took."""
    await world.settle_vault()
    wanted = list(world.procore.requisitions)
    await eventually(lambda: len(world.of(ProcoreInvoiceState)) >= len(wanted))
    commands = [await world.command(world.importing(each, how="automated")) for each in wanted]
    for command in commands:
        assert isinstance(await world.answer(command, 60), InvoiceState)
    return _asked(world)


def _asked(world: ImportWorld) -> int:
    hour = world.procore.meter("sandbox-client").windows[1]
    return hour.used


def _read_since(world: ImportWorld, moment: datetime) -> set[int]:
    """Projects that were read after that."""
    return {each.project_id for each in world.of(ProjectState) if each.as_of and each.as_of > moment}


async def test_a_first_import_costs_the_pages_of_its_lists(world: ImportWorld) -> None:
    assert await _import_all(world) <= floor(1.05 * least_calls(world.procore))


async def test_lists_without_lines_cost_a_call_for_each_invoice(world: ImportWorld) -> None:
    leave_out_lines(world.procore)
    least = least_calls(world.procore) + len(world.procore.requisitions)
    assert len(world.procore.requisitions) < await _import_all(world) <= floor(1.05 * least)


async def test_a_poll_that_finds_nothing_costs_one_call(world: ImportWorld, database: Database) -> None:
    began = utc_now()
    await world.settle_vault()
    await eventually(lambda: len(_read_since(world, began)) == PROJECTS)
    before, moment = _asked(world), utc_now()
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET next_sync_at = now()"))
    await eventually(lambda: len(_read_since(world, moment)) == PROJECTS)
    assert _asked(world) == before + PROJECTS
