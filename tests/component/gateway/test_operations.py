"""Operations: begun with the command, closed by the event that it caused."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from drawbridge.contracts import Problem
from drawbridge.contracts.import_commands import ImportInvoice, SyncProject
from drawbridge.contracts.outcomes import CommandPostponed, Difference, RefreshPreviewed
from drawbridge.contracts.requests import Attempt, ReprocessRequested, RequestJoined
from tests.factories.gateway import (
    DAWN,
    PROJECT,
    REQUISITION,
    VAULT,
    Door,
    grid_row,
    imported,
    project_state,
    refusal,
    request_state,
    row_state,
)

IMPORT = f"/procore-invoices/{REQUISITION}/import"
REPROCESS = f"/procore-invoices/{REQUISITION}/reprocess"


async def test_import_sends_a_command_whose_id_is_the_operations(door: Door) -> None:
    await door.tell(row_state())
    response = await door.post(IMPORT)
    operation = response.json()
    sent = (await door.sent())[-1]
    command = ImportInvoice.model_validate_json(sent["payload"])
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/operations/{operation['id']}"
    assert (str(sent["id"]), sent["routing_key"]) == (operation["id"], "import-service")
    assert (command.project_id, command.how, command.requested_by) == (PROJECT, "manual", "operator")
    assert sent["correlation_id"] == response.headers["X-Correlation-Id"]


async def test_a_waiting_request_answers_when_the_event_comes(door: Door) -> None:
    await door.tell(row_state())

    async def answer_soon() -> None:
        await door.tell(imported(), cause=await door.next_sent(2))

    answering = asyncio.create_task(answer_soon())
    response = await door.post(IMPORT, wait=30)
    await answering
    operation = response.json()
    assert (response.status_code, operation["status"]) == (200, "done")
    row = await door.get(f"/procore-invoices/{REQUISITION}")
    assert row["import_state"] == "imported"
    assert row["invoice_id"] == operation["result"]["invoice_id"]


async def test_who_asks_for_an_operation_may_wait_for_its_end(door: Door) -> None:
    await door.tell(row_state())
    begun = await door.post(IMPORT)
    path = begun.headers["Location"]
    assert (await door.client.get(path)).json()["status"] == "queued"
    asking = asyncio.create_task(door.client.get(path, headers={"Prefer": "wait=30"}))
    await door.tell(imported(), cause=begun.json()["id"])
    assert (await asking).json()["status"] == "done"
    assert (await door.client.get(path, headers={"Prefer": "wait=30"})).json()["status"] == "done"


async def test_a_refusal_closes_with_its_problem(door: Door) -> None:
    await door.tell(row_state())
    operation_id = (await door.post(IMPORT)).json()["id"]
    await door.tell(refusal(UUID(operation_id)))
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["problem"]["code"]) == ("refused", "status_not_accepted")


async def test_a_row_in_error_fails_the_operation(door: Door) -> None:
    await door.tell(row_state())
    operation_id = (await door.post(IMPORT)).json()["id"]
    problem = Problem(code="unreadable", message="Line 2 has no amount.", advice="Correct it in Procore.")
    await door.tell(row_state(version=2, import_state="error", problem=problem), cause=operation_id)
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["problem"]["code"]) == ("failed", "unreadable")


async def test_a_row_seen_by_a_re_read_does_not_end_the_re_read(door: Door) -> None:
    response = await door.post(f"/projects/{PROJECT}/sync")
    operation_id = response.json()["id"]
    command = SyncProject.model_validate_json((await door.sent())[-1]["payload"])
    assert (response.status_code, command.project_id) == (202, PROJECT)
    await door.tell(row_state(), cause=operation_id)
    assert (await door.operation(operation_id))["status"] == "queued"
    await door.tell(project_state(), cause=operation_id)
    assert (await door.operation(operation_id))["status"] == "done"


async def test_a_postponed_command_shows_its_attempts_and_never_reopens(door: Door) -> None:
    await door.tell(row_state())
    operation_id = (await door.post(IMPORT)).json()["id"]
    postponed = CommandPostponed(
        vault_id=VAULT,
        command_id=UUID(operation_id),
        command_subject="requisition/main/1",
        attempt=2,
        waiting=False,
        problem=Problem(code="temporary_failure", message="Procore did not answer."),
        next_at=DAWN + timedelta(minutes=1),
    )
    await door.tell(postponed)
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["attempts"]) == ("waiting", 2)
    assert operation["waiting_reason"]["code"] == "temporary_failure"
    await door.tell(imported(), cause=operation_id)
    await door.tell(postponed)
    assert (await door.operation(operation_id))["status"] == "done"


async def test_a_stale_event_still_closes_its_operation(door: Door) -> None:
    await door.tell(row_state(version=9, procore_status="draft"))
    operation_id = (await door.post(IMPORT)).json()["id"]
    await door.tell(imported(version=3), cause=operation_id)
    assert (await door.operation(operation_id))["status"] == "done"
    row = await door.get(f"/procore-invoices/{REQUISITION}")
    assert (row["version"], row["procore_status"]) == (9, "draft")
    history = (await door.get(f"/procore-invoices/{REQUISITION}/history"))["items"]
    assert [line["version"] for line in history] == [9, 3]


async def test_changed_in_procore_answers_409_with_the_differences(door: Door) -> None:
    queued = {"id": str(uuid4()), "fetched_at": DAWN.isoformat(), "content_hash": "c1"}
    await door.tell(row_state(import_state="in_queue", queue_document=queued))
    (document,) = (await door.get("/queue-documents"))["items"]

    async def refuse() -> None:
        command_id = await door.next_sent(2)
        difference = Difference(field="header.net_due", ours="900.00", procore="950.00")
        problem = Problem(code="changed_in_procore", message="It changed.", advice="Look at it.")
        await door.tell(refusal(command_id, problem=problem, differences=(difference,), content_hash="c2"))

    refusing = asyncio.create_task(refuse())
    response = await door.post(f"/queue-documents/{document['id']}/new-invoice", wait=5)
    await refusing
    problem = response.json()
    assert (response.status_code, problem["code"], problem["content_hash"]) == (
        409,
        "changed_in_procore",
        "c2",
    )
    assert problem["differences"][0]["procore"] == "950.00"
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_refresh_preview_brings_differences_and_a_hash(door: Door) -> None:
    state = imported()
    await door.tell(state)
    path = f"/invoices/{state.invoice.id}/refresh"
    operation_id = (await door.post(path, {"preview": True})).json()["id"]
    previewed = RefreshPreviewed(
        vault_id=VAULT,
        command_id=UUID(operation_id),
        command_subject=state.subject(),
        invoice_id=state.invoice.id,
        differences=(Difference(field="header.net_due", ours="1", procore="2"),),
        content_hash="c2",
    )
    await door.tell(previewed)
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["content_hash"]) == ("done", "c2")
    assert len(operation["differences"]) == 1
    neither = await door.post(path, {})
    assert (neither.status_code, neither.json()["code"]) == (422, "invalid_request")


async def test_reprocess_follows_its_request_to_the_end(door: Door) -> None:
    await door.tell(row_state())
    response = await door.post(REPROCESS)
    operation_id = response.json()["id"]
    sent = (await door.sent())[-1]
    request = ReprocessRequested.model_validate_json(sent["payload"])
    assert (response.status_code, sent["exchange"], str(sent["id"])) == (
        202,
        "drawbridge.public",
        operation_id,
    )
    assert request.requested_by == "operator"
    state = request_state(UUID(operation_id))
    await door.tell(state, cause=operation_id)
    assert (await door.operation(operation_id))["status"] == "queued"
    failed_once = Attempt(
        number=1, at=DAWN, problem=Problem(code="x", message="No."), next_at=DAWN + timedelta(minutes=1)
    )
    await door.tell(state.model_copy(update={"version": 2, "attempts": (failed_once,)}))
    waiting = await door.operation(operation_id)
    assert (waiting["status"], waiting["attempts"]) == ("waiting", 1)
    await door.tell(state.model_copy(update={"version": 3, "status": "done", "finished_at": DAWN}))
    done = await door.operation(operation_id)
    assert (done["status"], done["result"]["request_id"]) == ("done", str(state.id))
    (listed,) = (await door.get("/requests"))["items"]
    assert listed["status"] == "done"


async def test_a_repeat_joins_and_ends_with_the_first_request(door: Door) -> None:
    await door.tell(row_state())
    first, second = [(await door.post(REPROCESS)).json()["id"] for _ in range(2)]
    state = request_state(UUID(first))
    joined = RequestJoined(
        vault_id=VAULT, requisition_id=REQUISITION, message_id=UUID(second), request_id=state.id
    )
    await door.tell(joined, cause=second)
    assert (await door.operation(second))["status"] == "joined"
    await door.tell(state)
    assert (await door.operation(second))["status"] == "joined"
    await door.tell(state.model_copy(update={"version": 2, "status": "done"}))
    assert [(await door.operation(each))["status"] for each in (first, second)] == ["done", "done"]


async def test_joining_a_request_that_is_already_final_ends_at_once(door: Door) -> None:
    await door.tell(row_state())
    first, second = [(await door.post(REPROCESS)).json()["id"] for _ in range(2)]
    state = request_state(UUID(first), status="refused", problem=Problem(code="no", message="No."))
    joined = RequestJoined(
        vault_id=VAULT, requisition_id=REQUISITION, message_id=UUID(second), request_id=state.id
    )
    await door.tell(state)
    await door.tell(joined)
    operation = await door.operation(second)
    assert (operation["status"], operation["problem"]["code"]) == ("refused", "no")


async def test_reprocess_is_refused_with_the_rows_own_reason(door: Door) -> None:
    await door.tell(row_state(import_state="imported", invoice_id=uuid4(), invoice_status="unprocessed"))
    response = await door.post(REPROCESS)
    assert (response.status_code, response.json()["code"]) == (409, "already_imported")


async def test_bulk_reprocess_lifts_held_rows_only_by_name(door: Door) -> None:
    rows = {1: "not_imported", 2: "held", 3: "imported"}
    await door.tell(*(row_state(requisition_id=number, import_state=state) for number, state in rows.items()))
    by_filter = (await door.post("/reprocess", {"filter": {"project_id": PROJECT}})).json()
    outcomes = {row["requisition_id"]: row["problem"] and row["problem"]["code"] for row in by_filter["rows"]}
    assert outcomes == {1: None, 2: "held", 3: "already_imported"}
    by_name = (await door.post("/reprocess", {"requisition_ids": [2, 9]})).json()
    assert [row["operation_id"] is not None for row in by_name["rows"]] == [True, False]
    assert by_name["rows"][1]["problem"]["code"] == "procore_invoice_not_found"
    assert (await door.post("/reprocess", {})).status_code == 422


async def test_unknown_things_are_404_with_a_code(door: Door) -> None:
    nobody = uuid4()
    for path, code in (
        (f"/v1/vaults/{VAULT}/procore-invoices/1", "procore_invoice_not_found"),
        (f"/v1/vaults/{VAULT}/invoices/{nobody}", "invoice_not_found"),
        (f"/v1/vaults/{VAULT}/requests/{nobody}", "request_not_found"),
        (f"/v1/vaults/{VAULT}/jobs/check_backfill/runs/{nobody}", "run_not_found"),
        ("/v1/vaults/nowhere/procore-invoices", "vault_not_found"),
        (f"/v1/operations/{nobody}", "operation_not_found"),
        (f"/v1/parked/{nobody}", "parked_not_found"),
    ):
        response = await door.client.get(path)
        assert (response.status_code, response.json()["code"]) == (404, code)


async def test_every_command_is_in_the_audit_trail(door: Door) -> None:
    await door.tell(row_state())
    await door.post(IMPORT)
    (latest, first) = (await door.client.get("/v1/audit")).json()["items"]
    assert (first["action"], latest["action"], latest["caller"]) == (
        "put_vault",
        "import_invoice",
        "operator",
    )
    assert latest["detail"]["requisition_id"] == grid_row().requisition_id


async def test_replaying_events_ten_times_changes_nothing_more(door: Door) -> None:
    await door.tell(row_state())
    operation_id = (await door.post(IMPORT)).json()["id"]
    state = imported()
    for _ in range(10):
        await door.tell(state, row_state(), cause=operation_id)
    history = (await door.get(f"/procore-invoices/{REQUISITION}/history"))["items"]
    assert [line["version"] for line in history] == [2, 1]
    assert len((await door.get("/invoices"))["items"]) == 1
    assert (await door.operation(operation_id))["updated_at"] == "2026-03-01T08:00:00Z"


async def test_two_workers_that_tell_the_same_rows_backwards_do_not_block_each_other(door: Door) -> None:
    rows = [
        row_state(requisition_id=number, version=version) for version in (1, 2) for number in range(1, 101)
    ]
    async with asyncio.timeout(30):
        await asyncio.gather(*(door.tell(*order) for order in (rows, rows[::-1], rows, rows[::-1])))
    page = await door.get("/procore-invoices", range="all", limit=500)
    assert [row["version"] for row in page["items"]] == [2] * 100
