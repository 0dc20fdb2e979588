"""Automated import on real servers: what import-service tells becomes a command, once."""

from datetime import timedelta

from sqlalchemy import text

from drawbridge.cloud_service.usecases.automate import RETRY
from drawbridge.contracts.vaults import AutomatedImport
from drawbridge.persistence import Database
from tests.factories.cloud import BIG, DAWN, World, request_body, row_state, vault_state
from tests.factories.core import count
from tests.factories.waiting import becomes, eventually


async def _known_vault(world: World, automated_import: AutomatedImport = "invoice") -> None:
    await world.tell(vault_state(automated_import=automated_import))
    await eventually(lambda: any(seen.type == "drawbridge.vault.problems.v1" for seen in world.events))


async def test_what_becomes_importable_is_imported_once(world: World, database: Database) -> None:
    await _known_vault(world, "queue")
    await world.tell(row_state())
    await world.tell(row_state())
    await world.tell(row_state(version=2, content_hash="c1"))
    await eventually(world.asked)
    seen, command = world.asked()[0]
    assert (command.how, command.target, command.requisition_id) == ("automated", "queue", BIG)
    assert seen.id is not None
    await world.tell(row_state(version=3, import_state="in_queue"), cause=seen.id)
    await eventually(lambda: world.last_status() == "done")
    assert len(world.asked()) == 1
    assert await count(database, "requests") == 1


async def test_a_row_that_came_before_its_vault_is_imported_when_the_vault_comes(world: World) -> None:
    await world.tell(row_state())
    await world.tell(row_state(requisition_id=BIG + 1, importable_since=DAWN - timedelta(days=1)))
    await _known_vault(world)
    await eventually(world.asked)
    assert [command.requisition_id for _, command in world.asked()] == [BIG]


async def test_a_repeat_by_a_person_joins_the_automated_request(world: World) -> None:
    await _known_vault(world)
    await world.tell(row_state())
    await eventually(world.asked)
    await world.ask(request_body())
    await eventually(world.joins)
    assert world.joins()[0][1].request_id == world.states()[0][1].id
    assert len(world.asked()) == 1


async def test_an_error_is_tried_again_only_when_its_content_changed(
    world: World, database: Database
) -> None:
    await _known_vault(world)
    await world.tell(row_state())
    await eventually(world.asked)
    failed = row_state(version=2, import_state="error", problem={"code": "unreadable", "message": "No."})
    await world.tell(failed, cause=world.asked()[0][0].id)
    await eventually(lambda: world.last_status() == "failed")
    await world.tell(row_state(version=3, import_state="error", content_hash="c2"))
    await eventually(lambda: len(world.asked()) == 2)
    assert await count(database, "work_items") == 0


async def test_an_error_that_may_pass_is_tried_again_in_an_hour(world: World, database: Database) -> None:
    await _known_vault(world)
    await world.tell(row_state())
    await eventually(world.asked)
    problem = {"code": "procore_down", "message": "Procore did not answer."}
    failed = row_state(version=2, import_state="error", retryable=True, problem=problem)
    await world.tell(failed, cause=world.asked()[0][0].id)
    await eventually(lambda: world.last_status() == "failed")
    in_an_hour = f"kind = '{RETRY}' AND next_attempt_at > now() + interval '59 minutes'"
    assert await count(database, "work_items", in_an_hour) == 1
    assert len(world.asked()) == 1

    await _let_an_hour_pass(database)
    await eventually(lambda: len(world.asked()) == 2)
    assert await count(database, "work_items") == 0


async def test_an_invoice_that_was_imported_meanwhile_is_left_alone(world: World, database: Database) -> None:
    await _known_vault(world)
    problem = {"code": "procore_down", "message": "Procore did not answer."}
    await world.tell(row_state(import_state="error", retryable=True, problem=problem))
    await world.tell(row_state(version=2, import_state="imported"))
    await world.tell(row_state(requisition_id=BIG + 1))
    await eventually(world.asked)
    await _let_an_hour_pass(database)
    await becomes(lambda: count(database, "work_items"), 0)
    assert [command.requisition_id for _, command in world.asked()] == [BIG + 1]


async def test_older_news_of_a_row_changes_nothing(world: World, database: Database) -> None:
    await _known_vault(world)
    await world.tell(row_state(version=5, import_state="imported"))
    await world.tell(row_state(version=4))
    await world.tell(row_state(requisition_id=BIG + 1))
    await eventually(world.asked)
    assert [command.requisition_id for _, command in world.asked()] == [BIG + 1]
    assert await count(database, "procore_invoices", "version = 5 AND import_state = 'imported'") == 1


async def _let_an_hour_pass(database: Database) -> None:
    """Make every work item due."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE work_items SET next_attempt_at = now()"))
