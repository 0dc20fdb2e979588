"""The reconciliation of a vault: what the causes are is a matter of `domain.reconciliation`."""

import csv
import io

from drawbridge.contracts.payments import Bill, Unmatched, WriteBack
from tests.factories.gateway import VAULT, Door, allocation, commitment_payments

REFUSED = WriteBack.model_validate({"state": "needs_hand", "problem": None})


async def test_a_commitment_shows_the_difference_its_causes_and_what_closed_bills_without_cash(
    door: Door,
) -> None:
    bill = Bill.model_validate(
        {"id": "b1", "vendor_code": "ACME", "invoice_number": "A-100", "retainage": "50.00"}
    )
    typed = {"contract_payment_id": 77, "kind": "foreign", "amount": "30.00"}
    await door.tell(
        allocation(bill=bill, discount="10.00"),
        allocation(bill=bill, cash="100.00", write_back=REFUSED),
        commitment_payments(others="30.00", payments=[typed]),
    )
    found = await door.get("/reconciliation")
    (balance,) = found["items"]
    assert (balance["paid"], balance["issued"], balance["difference"]) == ("1000.0000", "930.00", "70.0000")
    assert {each["code"]: each["amount"] for each in balance["causes"]} == {
        "refused": "100.0000",
        "foreign": "-30.00",
    }
    assert {each["code"]: each["amount"] for each in balance["notes"]} == {
        "discount": "10.0000",
        "retainage": "50.00",
    }
    assert found["totals"]["difference"] == "70.0000"
    assert balance["compared_at"] is not None


async def test_without_a_comparison_yet_what_was_written_counts_and_the_unmatched_stand_apart(
    door: Door,
) -> None:
    lost = allocation(match=None, unmatched=Unmatched(reason="No AP invoice has this number."))
    await door.tell(allocation(), lost)
    found = await door.get("/reconciliation")
    (balance,) = found["items"]
    assert (balance["difference"], balance["causes"], balance["compared_at"]) == ("0.0000", [], None)
    assert found["unmatched"] == {"count": 1, "cash": "900.0000"}


async def test_the_export_has_a_line_for_each_commitment_and_one_for_the_unmatched(door: Door) -> None:
    lost = allocation(match=None, unmatched=Unmatched(reason="No AP invoice has this number."))
    await door.tell(allocation(), lost, commitment_payments(ours="890.00"))
    response = await door.client.get(f"/v1/vaults/{VAULT}/reconciliation.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"reconciliation-{VAULT}.csv" in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["commitment_id"], row["difference"]) for row in rows] == [("3", "10.0000"), ("", "900.0000")]
    assert "read" in rows[0]["cause"]
    assert "wait for an AP invoice" in rows[1]["cause"]
