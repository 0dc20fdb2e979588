"""``Idempotency-Key``: what is repeated is answered again and not done again."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from drawbridge.gateway.store.caller_tables import AnswerRow
from drawbridge.gateway.store.tables import table
from drawbridge.gateway.usecases.answer_once import KEPT, forget_answers
from drawbridge.runtime import utc_now
from tests.factories.gateway import REQUISITION, VAULT, Door, row_state

IMPORT = f"/v1/vaults/{VAULT}/procore-invoices/{REQUISITION}/import"


async def _post(door: Door, key: str, path: str = IMPORT, body: object = None) -> httpx.Response:
    headers = {"Prefer": "wait=0", "Idempotency-Key": key}
    return await door.client.post(path, json=body, headers=headers)


async def test_a_repeat_gets_the_stored_answer_and_sends_nothing(door: Door) -> None:
    await door.tell(row_state())
    first = await _post(door, "one")
    sent = len(await door.sent())
    again = await _post(door, "one")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Correlation-Id"] != first.headers["X-Correlation-Id"]
    assert len(await door.sent()) == sent
    assert (await _post(door, "two")).json()["id"] != first.json()["id"]


@pytest.mark.parametrize("body", [{"open_invoice_id": "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11"}, {}])
async def test_the_same_key_with_another_request_is_422(door: Door, body: object) -> None:
    await door.tell(row_state())
    await _post(door, "one")
    reused = await _post(door, "one", body=body)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


async def test_while_the_first_still_runs_a_repeat_is_409(door: Door) -> None:
    await door.tell(row_state())
    headers = {"Prefer": "wait=20", "Idempotency-Key": "slow"}
    before = len(await door.sent())
    first = asyncio.create_task(door.client.post(IMPORT, headers=headers))
    operation_id = await door.next_sent(before + 1)
    again = await door.client.post(IMPORT, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "still_running")
    await door.tell(row_state(version=2, import_state="error"), cause=operation_id)
    assert (await first).json()["id"] == str(operation_id)
    assert (await door.client.post(IMPORT, headers=headers)).content == (await first).content


async def test_an_error_is_not_kept_because_nothing_was_done(door: Door) -> None:
    assert (await _post(door, "one")).status_code == 404
    await door.tell(row_state())
    assert (await _post(door, "one")).status_code == 202


async def test_a_repeat_after_a_crash_meets_the_operation_that_was_begun(door: Door) -> None:
    await door.tell(row_state())
    first = await _post(door, "one")
    answers = table(AnswerRow)
    async with door.database.transaction() as tx:
        forgotten = {"status": None, "claimed_at": utc_now() - timedelta(hours=1)}
        await tx.session.execute(update(answers).values(forgotten))
    sent = len(await door.sent())
    again = await _post(door, "one")
    assert UUID(again.json()["id"]) == UUID(first.json()["id"])
    assert len(await door.sent()) == sent


async def test_old_answers_are_forgotten(door: Door) -> None:
    await door.tell(row_state())
    first = await _post(door, "one")
    async with door.database.transaction() as tx:
        await tx.session.execute(update(table(AnswerRow)).values(claimed_at=utc_now() - 2 * KEPT))
    await forget_answers(door.database)
    assert (await _post(door, "one")).json()["id"] != first.json()["id"]
