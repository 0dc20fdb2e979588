"""Reprocess requests from the public door to their result."""

from uuid import UUID

from drawbridge.contracts.vaults import AutomatedImport
from drawbridge.persistence import Database
from tests.factories.cloud import (
    BIG,
    World,
    fresh_id,
    postponement,
    refusal,
    request_body,
    row_state,
    vault_state,
)
from tests.factories.core import count
from tests.factories.waiting import becomes, eventually


async def _known_vault(world: World, automated_import: AutomatedImport = "invoice") -> None:
    await world.tell(vault_state(automated_import=automated_import))
    await eventually(lambda: any(seen.type == "drawbridge.vault.problems.v1" for seen in world.events))


async def test_a_request_is_sent_once_and_closed_by_the_import(world: World) -> None:
    await _known_vault(world, automated_import="queue")
    message_id = await world.ask(request_body(requested_by="kim"))
    await eventually(world.asked)
    seen, command = world.asked()[0]
    assert (command.how, command.target, command.requested_by) == ("reprocess", "queue", "kim")
    assert command.requisition_id == BIG
    assert str(seen.cause) == message_id

    await world.tell(row_state(version=2, import_state="in_queue"), cause=seen.id)
    await eventually(lambda: len(world.states()) == 2)
    (first_seen, first), (last_seen, last) = world.states()
    assert (first.status, last.status) == ("sent", "done")
    assert str(first_seen.cause) == str(last_seen.cause) == message_id
    assert str(last.message_id) == message_id
    assert last.finished_at is not None
    assert last.version > first.version
    assert len(world.asked()) == 1


async def test_a_repeat_is_joined_to_the_unfinished_request_and_is_new_after_it(world: World) -> None:
    await _known_vault(world)
    await world.ask(request_body())
    await eventually(world.asked)
    repeat = await world.ask(request_body())
    await eventually(world.joins)
    joined_seen, joined = world.joins()[0]
    assert str(joined.message_id) == str(joined_seen.cause) == repeat
    assert joined.request_id == world.states()[0][1].id
    assert len(world.asked()) == 1

    await world.tell(refusal(_command(world)), cause=_command(world))
    await eventually(lambda: world.last_status() == "refused")
    await world.ask(request_body())
    await eventually(lambda: len(world.asked()) == 2)


async def test_attempts_are_shown_and_a_failed_import_fails_the_request(world: World) -> None:
    await _known_vault(world)
    await world.ask(request_body())
    await eventually(world.asked)
    await world.tell(postponement(_command(world), 1))
    await eventually(lambda: len(world.states()) == 2)
    assert [attempt.number for attempt in world.states()[-1][1].attempts] == [1]
    problem = {"code": "unreadable", "message": "Net due is no number."}
    await world.tell(row_state(version=2, import_state="error", problem=problem), cause=_command(world))
    await eventually(lambda: len(world.states()) == 3)
    last = world.states()[-1][1]
    assert (last.status, last.problem and last.problem.code) == ("failed", "unreadable")
    assert len(last.attempts) == 1


async def test_a_request_without_automation_is_refused_with_a_reason(world: World) -> None:
    await _known_vault(world, automated_import="none")
    await world.ask(request_body())
    await eventually(world.states)
    state = world.states()[0][1]
    assert (state.status, state.problem and state.problem.code) == ("refused", "no_automated_import")
    assert not world.asked()


async def test_an_imported_invoice_is_not_asked_for_again(world: World, database: Database) -> None:
    await _known_vault(world)
    await world.tell(row_state(import_state="imported"))
    await becomes(lambda: count(database, "procore_invoices"), 1)
    await world.ask(request_body())
    await eventually(world.states)
    state = world.states()[-1][1]
    assert (state.status, state.problem and state.problem.code) == ("refused", "already_imported")


async def test_an_id_used_again_for_another_invoice_is_parked(world: World) -> None:
    await _known_vault(world)
    message_id = fresh_id()
    await world.ask(request_body(), message_id=message_id)
    await world.ask(request_body(BIG + 1), message_id=message_id)
    await eventually(lambda: world.parked and world.asked())
    assert world.parked[0].headers["drawbridge-code"] == "id_reused"
    assert str(world.parked[0].id) == message_id
    assert len(world.asked()) == 1


async def test_rubbish_is_parked_and_does_not_stop_the_others(world: World) -> None:
    await _known_vault(world)
    await world.ask(b"\xff\xfe")
    await world.ask(b"[" * 200_000)
    await world.ask(request_body("twelve"))  # type: ignore[arg-type]  # the wrong type is the point
    await world.ask(request_body(request_id="a\x00b"))
    await world.ask(request_body())
    await eventually(lambda: len(world.parked) == 4 and world.asked())
    codes = {seen.headers["drawbridge-code"] for seen in world.parked}
    assert codes == {"not_json", "too_deep", "wrong_members", "bad_id"}


def _command(world: World) -> UUID:
    command_id = world.asked()[0][0].id
    assert command_id is not None
    return command_id
