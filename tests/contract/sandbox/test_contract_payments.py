"""Contract payments with all the quirks that a writer must survive."""

from typing import Any

import httpx
import pytest

from tests.factories.procore_double import Called

PATH = "/rest/v1.0/contract_payments"


@pytest.fixture
def owner(called: Called) -> dict[str, Any]:
    """The contract and project to write to."""
    payment = called.procore.facts["hand_typed_payment"]
    return {"project_id": payment["project_id"], "contract_id": payment["contract_id"]}


async def issue(called: Called, owner: dict[str, Any], **members: Any) -> httpx.Response:  # noqa: ANN401 - any JSON
    return await called.http.post(PATH, json={**owner, "contract_payment": members})


async def listed(called: Called, owner: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await called.get(PATH, **owner)).json()
    return rows


async def test_a_payment_sent_twice_is_issued_twice(called: Called, owner: dict[str, Any]) -> None:
    for _ in range(2):
        assert (await issue(called, owner, amount="10.00", check_number="7")).status_code == 201
    assert [row["check_number"] for row in await listed(called, owner)] == ["20417", "7", "7"]


async def test_written_method_and_unknown_members_cannot_be_read_back(
    called: Called, owner: dict[str, Any]
) -> None:
    answer = await issue(
        called, owner, amount=10, payment_method="electronic", status="paid", shade="blue", date="11/02/2026"
    )
    row = answer.json()
    assert answer.status_code == 201
    assert row["amount"] == "10.0"
    assert row["date"] is None
    assert row["status"] == "unpaid"
    assert row.keys().isdisjoint({"payment_method", "invoice_date", "shade"})
    known = (await called.get("/control/contract-payments")).json()[-1]
    assert (known["payment_method"], known["created_by"]) == ("electronic", "sandbox-client")


async def test_unreadable_amounts_methods_and_requisitions_are_refused(
    called: Called, owner: dict[str, Any]
) -> None:
    for members in (
        {"amount": "ten"},
        {"amount": "1", "payment_method": "ach"},
        {"amount": "1", "requisition_id": 1},
    ):
        answer = await issue(called, owner, **members)
        assert answer.status_code == 422
        assert answer.json()["errors"]
    assert len(await listed(called, owner)) == 1


async def test_project_and_contract_are_required_everywhere(called: Called, owner: dict[str, Any]) -> None:
    for left_out in owner:
        rest = {name: value for name, value in owner.items() if name != left_out}
        assert (await called.get(PATH, **rest)).status_code == 400
        assert (await issue(called, rest, amount="1")).status_code == 400
    assert (await called.http.post(PATH, json=owner)).status_code == 400
    assert (await called.http.post(PATH, content=b"{")).status_code == 400


async def test_payments_are_changed_and_removed(called: Called, owner: dict[str, Any]) -> None:
    row = (await issue(called, owner, amount="10.00")).json()
    changed = await called.http.patch(
        f"{PATH}/{row['id']}", json={**owner, "contract_payment": {"amount": "8.00"}}
    )
    assert changed.json()["amount"] == "8.0"
    assert (await called.get(f"{PATH}/{row['id']}", **owner)).json() == changed.json()
    removed = await called.http.delete(f"{PATH}/{row['id']}", params=owner)
    assert (removed.status_code, removed.content) == (200, b"")
    assert (await called.get(f"{PATH}/{row['id']}", **owner)).status_code == 404


async def test_origin_id_locks_a_payment_until_it_is_taken_off(called: Called, owner: dict[str, Any]) -> None:
    row = (await issue(called, owner, amount="10.00", origin_id="ours-1")).json()
    path = f"{PATH}/{row['id']}"
    locked = await called.http.patch(path, json={**owner, "contract_payment": {"amount": "8.00"}})
    assert locked.status_code == 422
    assert "synced with an ERP system" in locked.text
    assert (await called.http.delete(path, params=owner)).status_code == 422
    assert (await issue(called, owner, amount="1", origin_id="ours-1")).status_code == 409
    freed = await called.http.patch(path, json={**owner, "contract_payment": {"origin_id": None}})
    assert freed.status_code == 200
    assert (await called.http.delete(path, params=owner)).status_code == 200


async def test_another_connector_may_lock_a_payment_for_good(called: Called, owner: dict[str, Any]) -> None:
    row = (await issue(called, owner, amount="10.00")).json()
    locked = await called.http.post(f"/control/contract-payments/{row['id']}/lock")
    assert locked.json()["origin_id"] == f"erp-{row['id']}"
    assert (await called.http.delete(f"{PATH}/{row['id']}", params=owner)).status_code == 422
    assert (await called.http.post("/control/contract-payments/1/lock")).status_code == 404


async def test_negative_amounts_are_accepted_or_refused_as_it_is_told(
    called: Called, owner: dict[str, Any]
) -> None:
    assert (await issue(called, owner, amount="-10.00")).status_code == 201
    await called.http.put("/control/negative-payments/refused")
    refused = await issue(called, owner, amount="-10.00")
    assert refused.status_code == 422
    assert "greater than or equal to 0" in refused.text
    await called.http.put("/control/negative-payments/accepted")
    assert (await issue(called, owner, amount="-10.00")).status_code == 201


async def test_every_write_is_in_the_doubles_own_ledger(called: Called, owner: dict[str, Any]) -> None:
    await issue(called, owner, amount="10.00")
    await issue(called, owner, amount="ten")
    await called.get(PATH, **owner)
    first, second = (await called.get("/control/writes")).json()
    assert (first["method"], first["path"], first["client"]) == ("POST", PATH, "sandbox-client")
    assert first["body"]["contract_payment"] == {"amount": "10.00"}
    assert first["applied_at"] is not None
    assert (second["status"], second["applied_at"]) == (422, None)
