"""The seed: the same every time, right to the cent, with one of every oddity."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from drawbridge.sandbox.procore import Procore, seeded_procore
from drawbridge.sandbox.procore.control.requisitions import touch
from drawbridge.sandbox.procore.routes.requisitions import STATUSES

TODAY = date(2026, 11, 23)
TWO_TO_THE_32 = 2**32


@pytest.fixture(scope="module")
def procore() -> Procore:
    return seeded_procore(today=TODAY)


def amount(record: dict[str, Any], name: str) -> Decimal:
    return Decimal(record[name])


def fact(procore: Procore, name: str) -> dict[str, Any]:
    return procore.requisitions[procore.facts[name]]


def readable(procore: Procore) -> list[dict[str, Any]]:
    broken = procore.facts["broken_requisition_id"]
    return [record for record in procore.requisitions.values() if record["id"] != broken]


def test_same_seed_and_day_give_the_same_company(procore: Procore) -> None:
    again = seeded_procore(today=TODAY)
    assert again.requisitions == procore.requisitions
    assert again.facts == procore.facts
    assert seeded_procore(8, today=TODAY).requisitions != procore.requisitions


def test_there_is_enough_of_everything(procore: Procore) -> None:
    assert len([p for p in procore.projects.values() if p["active"]]) == 3
    assert len(procore.vendors) >= 10
    assert "V-1007" in {vendor["origin_code"] for vendor in procore.vendors.values()}
    assert {c.kind for c in procore.contracts.values()} == {"WorkOrderContract", "PurchaseOrderContract"}
    assert len(procore.requisitions) >= 60
    assert {record["status"] for record in procore.requisitions.values()} == STATUSES


def test_all_ids_are_beyond_32_bits(procore: Procore) -> None:
    for record in procore.requisitions.values():
        ids = [record[name] for name in ("id", "project_id", "commitment_id", "vendor_id", "period_id")]
        ids += [item["id"] for item in record["items"]] + [item["line_item_id"] for item in record["items"]]
        assert min(ids) > TWO_TO_THE_32


def test_past_30_days_show_most_invoices_but_not_all(procore: Procore) -> None:
    since = (TODAY - timedelta(days=29)).isoformat()
    shown = sum(record["billing_date"] >= since for record in procore.requisitions.values())
    assert len(procore.requisitions) / 2 < shown < len(procore.requisitions)
    assert max(record["billing_date"] for record in procore.requisitions.values()) < TODAY.isoformat()


def test_every_readable_invoice_satisfies_the_g702_identities(procore: Procore) -> None:
    for record in readable(procore):
        s = {name: Decimal(value) for name, value in record["summary"].items() if name != "formatted_period"}
        earned = s["total_earned_less_retainage"]
        assert s["contract_sum_to_date"] == s["original_contract_sum"] + s["net_change_by_change_orders"]
        assert (
            s["total_retainage"]
            == s["completed_work_retainage_amount"] + s["stored_materials_retainage_amount"]
        )
        assert earned == s["total_completed_and_stored_to_date"] - s["total_retainage"]
        tax = s["tax_applicable_to_this_payment"]
        assert s["current_payment_due"] == earned - s["less_previous_certificates_for_payment"] + tax
        assert s["balance_to_finish_including_retainage"] == s["contract_sum_to_date"] - earned


def test_items_of_every_readable_invoice_add_up_to_its_payment_due(procore: Procore) -> None:
    for record in readable(procore):
        due = amount(record["summary"], "current_payment_due")
        assert sum(amount(item, "net_amount") for item in record["items"]) == due
        assert due == due.quantize(Decimal("0.01"))


def test_items_figure_their_own_totals(procore: Procore) -> None:
    for record in readable(procore):
        for item in record["items"]:
            before = amount(item, "work_completed_from_previous_application")
            gross = amount(item, "gross_amount")
            assert gross == amount(item, "work_completed_this_period") + amount(
                item, "materials_presently_stored"
            )
            assert amount(item, "total_completed_and_stored_to_date") == before + gross


def test_each_invoice_certifies_after_the_one_before(procore: Procore) -> None:
    for record in readable(procore):
        previous = procore.requisitions.get(record["previous_requisition_id"])
        certified = previous["summary"]["total_earned_less_retainage"] if previous else "0.0"
        assert record["summary"]["less_previous_certificates_for_payment"] == certified
        assert record["number"] == (previous["number"] if previous else 0) + 1


def test_exactly_one_approved_invoice_is_broken(procore: Procore) -> None:
    broken = [r for r in procore.requisitions.values() if r["summary"]["current_payment_due"] == "#REF!"]
    assert [record["id"] for record in broken] == [procore.facts["broken_requisition_id"]]
    assert broken[0]["status"] == "approved"
    assert broken[0]["items"][0]["net_amount"] == "#REF!"


def test_special_invoices_are_what_the_facts_call_them(procore: Procore) -> None:
    assert amount(fact(procore, "negative_requisition_id")["summary"], "current_payment_due") < 0
    assert amount(fact(procore, "zero_requisition_id")["summary"], "current_payment_due") == 0
    release = fact(procore, "retainage_release_requisition_id")
    assert release["invoice_type"] == "retainage_release"
    assert amount(release["summary"], "total_retainage") == 0
    mixed = fact(procore, "mixed_requisition_id")
    released = sum(amount(item, "work_completed_retainage_released_this_period") for item in mixed["items"])
    assert mixed["invoice_type"] == "progress_and_retainage_release"
    assert 0 < released < amount(mixed["summary"], "current_payment_due")
    kinds = Counter(item["item_type"] for item in fact(procore, "change_order_requisition_id")["items"])
    assert kinds["change_order_item"] == 2
    stored = fact(procore, "stored_materials_requisition_id")
    assert amount(stored["summary"], "stored_materials") > 0


def test_taxed_invoices_hold_tax_in_summary_and_items(procore: Procore) -> None:
    for requisition_id in procore.facts["taxed_requisition_ids"]:
        record = procore.requisitions[requisition_id]
        assert amount(record["summary"], "tax_applicable_to_this_payment") > 0
        assert record["items"][0]["taxes"][0]["tax_code_rate"] == 8.25


def test_numbers_are_blank_missing_and_repeated(procore: Procore) -> None:
    blank = [procore.requisitions[i]["invoice_number"] for i in procore.facts["blank_number_requisition_ids"]]
    assert blank == ["", None]
    same = [procore.requisitions[i] for i in procore.facts["duplicate_number_requisition_ids"]]
    assert len({(record["vendor_id"], record["invoice_number"]) for record in same}) == 1
    assert len(same) == 2


def test_one_vendor_has_no_ledger_code_and_one_invoice(procore: Procore) -> None:
    vendor_id = procore.facts["no_vendor_code_vendor_id"]
    assert procore.vendors[vendor_id]["origin_code"] is None
    ours = [r for r in procore.requisitions.values() if r["vendor_id"] == vendor_id]
    assert [record["id"] for record in ours] == [procore.facts["no_vendor_code_requisition_id"]]
    assert ours[0]["status"] == "approved"


def test_a_payment_is_already_typed_on_an_approved_invoice(procore: Procore) -> None:
    payment = procore.facts["hand_typed_payment"]
    invoice = procore.requisitions[payment["requisition_id"]]
    assert invoice["status"] == "approved"
    assert payment["amount"] == invoice["summary"]["current_payment_due"]
    assert procore.payments[payment["id"]].created_by == payment["created_by"]


def test_unit_priced_lines_tell_whole_quantities(procore: Procore) -> None:
    unit = next(r for r in procore.requisitions.values() if r["accounting_method"] == "unit")
    item = unit["items"][0]
    quantity, price = (
        amount(item, "work_completed_this_period_quantity"),
        amount(item, "scheduled_unit_price"),
    )
    assert quantity * price == amount(item, "work_completed_this_period")
    assert quantity == quantity.to_integral_value()


def test_touching_always_moves_the_time_of_change_on() -> None:
    procore = seeded_procore()
    record = next(iter(procore.requisitions.values()))
    touch(procore, record)
    first = record["updated_at"]
    touch(procore, record)
    assert record["updated_at"] > first
