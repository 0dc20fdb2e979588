"""What people decide about payments goes out as commands, and the answer ends the operation."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from drawbridge.contracts import Message, Problem
from drawbridge.contracts.payment_commands import (
    ConfirmForeign,
    Dismiss,
    ResolveByHand,
    RetryWriteBack,
    TieByHand,
    Untie,
    WriteAnyway,
)
from drawbridge.contracts.values import Change
from tests.factories.gateway import DAWN, VAULT, Door, allocation, refusal

INVOICE = uuid4()
WHY = {"reason": "seen on the bank statement"}
DECISIONS: list[tuple[str, dict[str, str] | None, type[Message]]] = [
    ("tie", {"invoice_id": str(INVOICE), **WHY}, TieByHand),
    ("untie", WHY, Untie),
    ("dismiss", WHY, Dismiss),
    ("confirm-foreign", None, ConfirmForeign),
    ("write-anyway", WHY, WriteAnyway),
    ("retry", None, RetryWriteBack),
    ("resolve", WHY, ResolveByHand),
]


@pytest.mark.parametrize(("verb", "body", "kind"), DECISIONS, ids=[each[0] for each in DECISIONS])
async def test_a_decision_is_sent_and_ends_with_the_payments_state(
    door: Door, verb: str, body: dict[str, str] | None, kind: type[Message]
) -> None:
    state = allocation()
    await door.tell(state)
    response = await door.client.post(
        f"/v1/vaults/{VAULT}/payments/{state.id}/{verb}",
        json=body,
        headers={"If-Match": '"1"', "Prefer": "wait=0"},
    )
    assert response.status_code == 202, response.text
    sent: dict[str, Any] = kind.model_validate_json((await door.sent())[-1]["payload"]).model_dump(
        mode="json"
    )
    assert sent == {
        "vault_id": VAULT,
        "allocation_id": str(state.id),
        "requested_by": "operator",
        "expected_version": 1,
        **(body or {}),
    }
    change = Change(what="decided", at=DAWN, by="operator", detail="why")
    await door.tell(state.model_copy(update={"version": 2, "change": change}), cause=response.json()["id"])
    operation = await door.operation(response.json()["id"])
    assert operation["status"] == "done"
    assert operation["result"] == {"allocation_id": str(state.id), "write_state": "written"}
    history = (await door.get(f"/payments/{state.id}/history"))["items"]
    assert (history[0]["what"], history[0]["by"]) == ("decided", "operator")


async def test_a_refused_decision_ends_its_operation_with_the_reason(door: Door) -> None:
    state = allocation()
    await door.tell(state)
    operation_id = (await door.post(f"/payments/{state.id}/untie", WHY)).json()["id"]
    await door.tell(refusal(operation_id, command_subject=state.subject()))
    assert (await door.operation(operation_id))["status"] == "refused"


async def test_who_decides_about_an_older_version_is_told_what_changed(door: Door) -> None:
    state = allocation()
    change = Change(what="tied_by_hand", at=DAWN, by="ben")
    await door.tell(state, state.model_copy(update={"version": 2, "change": change}))
    path = f"/v1/vaults/{VAULT}/payments/{state.id}/untie"
    late = await door.client.post(path, json=WHY, headers={"If-Match": '"1"', "Prefer": "wait=0"})
    problem = late.json()
    assert (late.status_code, problem["code"], problem["current_version"]) == (412, "outdated", 2)
    assert [(line["what"], line["by"]) for line in problem["changes"]] == [("tied_by_hand", "ben")]


async def test_a_version_that_only_the_owner_knows_to_be_old_is_answered_the_same(door: Door) -> None:
    state = allocation()
    await door.tell(state)
    path = f"/v1/vaults/{VAULT}/payments/{state.id}/untie"
    headers = {"If-Match": '"1"', "Prefer": "wait=30"}
    deciding = asyncio.create_task(door.client.post(path, json=WHY, headers=headers))
    async with asyncio.timeout(30):
        command_id = await door.next_sent(2)
    conflict = Problem(code="version_conflict", message="This payment has changed since it was shown.")
    await door.tell(refusal(command_id, command_subject=state.subject(), problem=conflict))
    late = await deciding
    assert (late.status_code, late.json()["code"]) == (412, "outdated")


async def test_a_payment_is_shown_with_its_version_and_unknown_ones_are_not_found(door: Door) -> None:
    state = allocation()
    await door.tell(state)
    shown = await door.client.get(f"/v1/vaults/{VAULT}/payments/{state.id}")
    assert (shown.json()["id"], shown.headers["ETag"]) == (str(state.id), '"1"')
    path = f"/v1/vaults/{VAULT}/payments/{uuid4()}"
    assert (await door.client.get(path)).json()["code"] == "payment_not_found"
    assert (await door.client.post(f"{path}/retry")).status_code == 404
    assert (await door.post(f"/payments/{state.id}/untie", {"reason": ""})).status_code == 422
