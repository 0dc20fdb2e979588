"""The G702 identities and the sum of the lines."""

from decimal import Decimal

import pytest

from drawbridge.contracts.invoices import Warned
from drawbridge.import_service.domain.mapping import map_invoice
from drawbridge.procore import Requisition
from tests.factories.requisitions import AROUND, raw_requisition, requisition, seed_facts


def _warned(**summary: str | None) -> list[Warned]:
    return list(map_invoice(requisition(summary=summary), AROUND).warnings)


@pytest.mark.parametrize(
    ("member", "identity"),
    [
        ("original_contract_sum", "contract sum to date"),
        ("completed_work_retainage_amount", "total retainage"),
        ("total_completed_and_stored_to_date", "total earned less retainage"),
        ("less_previous_certificates_for_payment", "current payment due"),
        ("balance_to_finish_including_retainage", "balance to finish"),
    ],
)
def test_a_mismatch_names_its_identity_and_the_difference(member: str, identity: str) -> None:
    original = Decimal(raw_requisition()["summary"][member])
    warnings = _warned(**{member: str(original + Decimal("1.25"))})
    assert [warned.code for warned in warnings] == ["control_total"]
    assert warnings[0].message.startswith(identity)
    assert warnings[0].difference is not None
    assert abs(warnings[0].difference) == Decimal("1.25")


def test_lines_that_do_not_make_the_net_due_are_warned_of() -> None:
    due = Decimal(raw_requisition()["summary"]["current_payment_due"])
    warnings = _warned(current_payment_due=str(due + 3))
    assert any(warned.message.startswith("net due = sum of the lines") for warned in warnings)


def test_an_absent_member_is_not_checked() -> None:
    assert _warned(contract_sum_to_date=None) == []


def test_tax_may_be_inside_or_outside_the_payment_due() -> None:
    taxed = seed_facts()["taxed_requisition_ids"][0]
    raw = raw_requisition(taxed)
    summary = raw["summary"]
    tax = Decimal(summary["tax_applicable_to_this_payment"])
    assert tax > 0
    assert map_invoice(requisition(taxed), AROUND).warnings == ()
    outside = {"current_payment_due": str(Decimal(summary["current_payment_due"]) - tax)}
    for item in raw["items"]:
        item["taxes"] = []
    warnings = map_invoice(requisition(taxed, summary=outside), AROUND).warnings
    assert not any(warned.message.startswith("current payment due") for warned in warnings)


def test_amounts_that_do_not_make_the_net_due_are_warned_of() -> None:
    raw = raw_requisition()
    raw["items"][0]["work_completed_retainage_retained_this_period"] = "0.00"
    mapped = map_invoice(Requisition.read(raw), AROUND)
    assert [warned.message.partition(" (")[0] for warned in mapped.warnings] == [
        "net due = gross - retainage held + retainage released"
    ]
