"""What a Procore user does, through the control API."""

from decimal import Decimal

import httpx

from tests.factories.procore_double import Called

LIST = "/rest/v1.1/requisitions"


async def test_facts_name_the_special_invoices(called: Called) -> None:
    facts = (await called.get("/control/facts")).json()
    assert facts["broken_requisition_id"] in called.procore.requisitions
    assert facts["hand_typed_payment"]["check_number"] == "20417"


async def test_control_needs_no_token(called: Called) -> None:
    called.http.headers.clear()
    assert (await called.get("/control/facts")).status_code == 200
    assert (await called.get("/readyz")).status_code == 200


async def test_users_approve_unapprove_and_delete(called: Called) -> None:
    requisition = called.procore.facts["zero_requisition_id"]
    path = f"/control/requisitions/{requisition}"
    unapproved = (await called.http.post(f"{path}/unapprove")).json()
    assert unapproved["status"] == "revise_and_resubmit"
    approved = (await called.http.post(f"{path}/approve")).json()
    assert approved["status"] == "approved"
    assert approved["updated_at"] > unapproved["updated_at"]
    await called.http.post(f"{path}/delete")
    project = approved["project_id"]
    assert (await called.get(f"{LIST}/{requisition}", project_id=project)).status_code == 404
    assert (await called.http.post(f"{path}/approve")).status_code == 404


async def test_changed_members_are_merged_and_move_the_time_of_change(called: Called) -> None:
    requisition = called.procore.facts["zero_requisition_id"]
    before = (await called.get(f"/control/requisitions/{requisition}")).json()
    item = before["items"][1]["id"]
    answer = await called.http.patch(
        f"/control/requisitions/{requisition}",
        json={
            "invoice_number": "X-1",
            "summary": {"current_payment_due": "1.0"},
            "items": [{"id": item, "comment": "noted"}],
        },
    )
    after = answer.json()
    assert after["invoice_number"] == "X-1"
    assert after["summary"]["contract_sum_to_date"] == before["summary"]["contract_sum_to_date"]
    assert after["summary"]["current_payment_due"] == "1.0"
    assert [i["comment"] for i in after["items"]] == [None, "noted", None, None]
    assert after["updated_at"] > before["updated_at"]
    wrong = await called.http.patch(f"/control/requisitions/{requisition}", json={"shade": "blue"})
    assert wrong.status_code == 400
    wrong = await called.http.patch(f"/control/requisitions/{requisition}", json={"items": [{"id": 1}]})
    assert wrong.status_code == 400


async def test_corrected_invoice_still_ties(called: Called) -> None:
    requisition = called.procore.facts["mixed_requisition_id"]
    before = (await called.get(f"/control/requisitions/{requisition}")).json()["summary"]
    answer = await called.http.post(f"/control/requisitions/{requisition}/correct", json={"work": "-250.25"})
    record = answer.json()
    due = Decimal(record["summary"]["current_payment_due"])
    assert due == Decimal(before["current_payment_due"]) - Decimal("250.25")
    assert due == sum(Decimal(item["net_amount"]) for item in record["items"])
    summary = {
        name: Decimal(value) for name, value in record["summary"].items() if name != "formatted_period"
    }
    earned = summary["total_completed_and_stored_to_date"] - summary["total_retainage"]
    assert earned == summary["total_earned_less_retainage"]
    assert due == earned - summary["less_previous_certificates_for_payment"]
    broken = called.procore.facts["broken_requisition_id"]
    refused = await called.http.post(f"/control/requisitions/{broken}/correct", json={"work": "1"})
    assert refused.status_code == 400


async def test_a_new_invoice_ties_with_the_ones_before(called: Called) -> None:
    answer = await called.http.post(
        f"/control/projects/{called.project_id}/requisitions",
        json={"work": "1234.56", "invoice_number": "NEW-1"},
    )
    record = answer.json()
    assert answer.status_code == 201
    assert (record["status"], record["invoice_number"], record["number"]) == ("approved", "NEW-1", 6)
    net = sum(Decimal(item["net_amount"]) for item in record["items"])
    assert Decimal(record["summary"]["current_payment_due"]) == net > 0
    shown = await called.get(f"{LIST}/{record['id']}", project_id=called.project_id)
    assert shown.status_code == 200


async def test_payments_typed_by_hand_are_told_apart(called: Called) -> None:
    contract = called.procore.facts["hand_typed_payment"]["contract_id"]
    typed = await called.http.post(
        "/control/contract-payments",
        json={"contract_id": contract, "amount": "55.10", "check_number": "9", "created_by": "Sam"},
    )
    assert (typed.json()["created_by"], typed.json()["amount"]) == ("Sam", "55.1")
    rows = (await called.get("/control/contract-payments")).json()
    assert [row["created_by"] for row in rows] == ["Pat Moreno (Procore user)", "Sam"]
    unknown: httpx.Response = await called.http.post(
        "/control/contract-payments", json={"contract_id": 1, "amount": "1"}
    )
    assert unknown.status_code == 404
