"""``If-Match``: nobody overwrites what they have not seen, and who comes too late is told what changed."""

import asyncio

import pytest

from drawbridge.contracts import Problem
from drawbridge.contracts.import_commands import ChangeInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.values import Change
from tests.factories.gateway import DAWN, REQUISITION, VAULT, Door, choices, imported, refusal, row_state

ANY = "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11"
REASON = {"reason": "Wrong job."}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "", choices(name="Other")),
        ("PATCH", "", {"name": "Other"}),
        ("PUT", "/vendor-map", {"items": []}),
        ("PATCH", f"/invoices/{ANY}", {"notes": "x"}),
        ("DELETE", f"/invoices/{ANY}", None),
        ("POST", f"/invoices/{ANY}/process", None),
        ("POST", f"/invoices/{ANY}/withdraw", REASON),
        ("POST", f"/invoices/{ANY}/reopen", REASON),
        ("POST", f"/invoices/{ANY}/refresh", {"content_hash": "c2"}),
        ("PUT", f"/invoices/{ANY}/ledger-reference", {"ledger_bill_id": "B-1"}),
        ("DELETE", f"/queue-documents/{ANY}?reason=x", None),
        ("POST", f"/procore-invoices/{REQUISITION}/dismiss", REASON),
    ],
)
async def test_a_change_without_if_match_is_428(door: Door, method: str, path: str, body: object) -> None:
    del door.client.headers["If-Match"]
    response = await door.client.request(method, f"/v1/vaults/{VAULT}{path}", json=body)
    assert (response.status_code, response.json()["code"]) == (428, "if_match_missing")
    assert "If-Match" in response.json()["detail"]


async def test_who_comes_too_late_is_told_what_changed(door: Door) -> None:
    first = imported(version=2)
    await door.tell(first)
    path = f"/v1/vaults/{VAULT}/invoices/{first.invoice.id}"
    etag = (await door.client.get(path)).headers["ETag"]
    change = Change(what="changed", at=DAWN, by="kim", detail="notes")
    await door.tell(first.model_copy(update={"version": 3, "change": change}))
    sent = len(await door.sent())
    late = await door.client.patch(path, json={"notes": "Mine."}, headers={"If-Match": etag})
    problem = late.json()
    assert (late.status_code, problem["code"], problem["current_version"]) == (412, "outdated", 3)
    (line,) = problem["changes"]
    assert (line["what"], line["by"], line["version"]) == ("changed", "kim", 3)
    assert len(await door.sent()) == sent


async def test_a_race_that_only_the_owner_sees_is_412_as_well(door: Door) -> None:
    state = imported(version=2)
    await door.tell(state)
    path = f"/v1/vaults/{VAULT}/invoices/{state.invoice.id}"
    before = len(await door.sent())
    headers = {"If-Match": '"2"', "Prefer": "wait=20"}
    late = asyncio.create_task(door.client.post(f"{path}/process", headers=headers))
    command_id = await door.next_sent(before + 1)
    conflict = Problem(code="version_conflict", message="It changed since you looked at it.")
    subject = f"invoice/{VAULT}/{state.invoice.id}"
    change = Change(what="refreshed", at=DAWN, by="kim")
    await door.tell(
        state.model_copy(update={"version": 3, "change": change}),
        refusal(command_id, problem=conflict, command_subject=subject),
    )
    answer = await late
    assert (answer.status_code, answer.json()["current_version"]) == (412, 3)
    assert [line["by"] for line in answer.json()["changes"]] == ["kim"]


async def test_a_patch_changes_only_what_it_names(door: Door) -> None:
    state = imported(version=2, overrides={"ledger_vendor_code": "V-1", "notes": "Old."})
    await door.tell(state)
    path = f"/v1/vaults/{VAULT}/invoices/{state.invoice.id}"
    headers = {"If-Match": '"2"', "Prefer": "wait=0"}
    response = await door.client.patch(path, json={"notes": "New."}, headers=headers)
    command = ChangeInvoice.model_validate_json((await door.sent())[-1]["payload"])
    assert command.overrides.model_dump() == {
        "ledger_vendor_code": "V-1",
        "due_date": None,
        "notes": "New.",
    }
    assert command.expected_version == 2
    changed = state.invoice.model_copy(update={"overrides": command.overrides})
    await door.tell(
        InvoiceState(version=3, change=state.change, vault_id=VAULT, invoice=changed, row=state.row),
        cause=response.json()["id"],
    )
    assert (await door.get(f"/invoices/{changed.id}"))["overrides"]["notes"] == "New."
    bad = await door.client.patch(path, json={"lines": [{"procore_line_id": 5}]}, headers={"If-Match": "*"})
    assert (bad.status_code, bad.json()["code"]) == (422, "no_such_line")


async def test_the_vaults_patch_and_deactivation(door: Door) -> None:
    path = f"/v1/vaults/{VAULT}"
    patched = await door.client.patch(path, json={"import_from": "2026-01-01"}, headers={"If-Match": '"1"'})
    assert (patched.status_code, patched.json()["version"]) == (200, 2)
    assert patched.json()["settings"]["automated_import"] == "invoice"
    late = await door.client.patch(path, json={"name": "Late"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    removed = await door.client.patch(path, json={"name": None})
    assert (removed.status_code, removed.json()["code"]) == (422, "invalid_request")
    off = await door.client.post(f"{path}/deactivate")
    assert (off.status_code, off.json()["settings"]["active"]) == (200, False)
    await door.client.put(path, json=choices(managed_by="file"))
    for answer in (
        await door.client.patch(path, json={"name": "By hand"}),
        await door.client.post(f"{path}/deactivate"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_file")


async def test_a_withdrawn_invoice_is_gone_but_not_its_history(door: Door) -> None:
    state = imported(version=2)
    removed = {"how": "withdrawn", "at": DAWN, "by": "kim", "reason": "Wrong job."}
    gone = state.invoice.model_validate({**state.invoice.model_dump(), "removed": removed})
    change = Change(what="withdrawn", at=DAWN, by="kim", detail="Wrong job.")
    held = row_state(version=3, import_state="held", held_reason="withdrawn: Wrong job.").row
    await door.tell(state)
    await door.tell(InvoiceState(version=3, change=change, vault_id=VAULT, invoice=gone, row=held))
    assert (await door.get("/invoices"))["items"] == []
    path = f"/v1/vaults/{VAULT}/invoices/{gone.id}"
    shown = await door.client.get(path)
    assert (shown.status_code, shown.json()["code"]) == (404, "invoice_withdrawn")
    assert "by kim. Wrong job." in shown.json()["detail"]
    history = await door.get(f"/invoices/{gone.id}/history")
    assert [line["what"] for line in history["items"]] == ["withdrawn", "imported"]
    row = await door.get(f"/procore-invoices/{REQUISITION}")
    assert (row["import_state"], row["invoice_id"]) == ("held", None)
