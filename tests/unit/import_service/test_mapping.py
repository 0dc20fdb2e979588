"""From a Procore invoice to the content of an AP invoice."""

from decimal import Decimal
from typing import Any

import pytest

from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.mapping import Mapped, map_invoice
from drawbridge.procore import Requisition
from tests.factories.requisitions import AROUND, raw_requisition, requisition, requisition_ids, seed_facts


def _codes(mapped: Mapped) -> list[str]:
    return [warned.code for warned in mapped.warnings]


def _with_item(**changes: Any) -> Requisition:  # noqa: ANN401  # any member
    raw = raw_requisition()
    raw["items"][0] |= changes
    return Requisition.read(raw)


@pytest.mark.parametrize("requisition_id", requisition_ids())
def test_every_readable_invoice_ties_to_the_cent(requisition_id: int) -> None:
    mapped = map_invoice(requisition(requisition_id), AROUND)
    header, lines = mapped.content.header, mapped.content.lines
    assert mapped.warnings == ()
    assert sum(line.net for line in lines) == header.net_due
    assert sum(line.tax for line in lines) == header.tax
    held_back = header.retainage_held - header.retainage_released
    assert header.gross - held_back + header.tax == header.net_due


def test_a_retainage_release_releases_and_holds_nothing() -> None:
    mapped = map_invoice(requisition(seed_facts()["retainage_release_requisition_id"]), AROUND)
    header = mapped.content.header
    assert header.invoice_type == "retainage_release"
    assert header.gross == header.retainage_held == 0
    assert header.retainage_released == header.net_due > 0


def test_negative_and_zero_invoices_are_mapped_not_dropped() -> None:
    negative = map_invoice(requisition(seed_facts()["negative_requisition_id"]), AROUND)
    zero = map_invoice(requisition(seed_facts()["zero_requisition_id"]), AROUND)
    assert negative.content.header.net_due < 0
    assert zero.content.header.net_due == 0


def test_change_order_lines_keep_their_kind() -> None:
    mapped = map_invoice(requisition(seed_facts()["change_order_requisition_id"]), AROUND)
    assert "change_order_item" in {line.kind for line in mapped.content.lines}


def test_bare_numbers_are_read_exactly() -> None:
    found = requisition(summary={"current_payment_due": 10812})
    assert map_invoice(found, AROUND).content.header.net_due == Decimal("10812.00")


def test_too_many_decimals_are_rounded_half_up_with_a_warning() -> None:
    mapped = map_invoice(requisition(summary={"current_payment_due": "100.005"}), AROUND)
    assert mapped.content.header.net_due == Decimal("100.01")
    rounded = next(warned for warned in mapped.warnings if warned.code == "rounded")
    assert "summary.current_payment_due" in rounded.message


def test_zero_decimals_beyond_the_currency_are_no_rounding() -> None:
    assert "rounded" not in _codes(map_invoice(_with_item(scheduled_value="100.0000"), AROUND))


def test_the_invoices_own_currency_decides_the_decimals() -> None:
    yen = {"currency_iso_code": "JPY"}
    found = requisition(currency_configuration=yen, summary={"current_payment_due": "100.5"})
    header = map_invoice(found, AROUND).content.header
    assert (header.currency, header.net_due) == ("JPY", Decimal(101))


@pytest.mark.parametrize("value", ["#REF!", "", None, "NaN", "1e999", "12,50"])
def test_an_unreadable_net_due_is_an_error_that_names_field_and_value(value: str | None) -> None:
    with pytest.raises(UnreadableInvoice, match=r"summary\.current_payment_due") as caught:
        map_invoice(requisition(summary={"current_payment_due": value}), AROUND)
    assert caught.value.problem.code == "unreadable"
    assert caught.value.problem.advice == "Correct it in Procore, then reprocess."
    assert (value or "nothing") in caught.value.problem.message


def test_an_unreadable_line_is_named_by_its_place() -> None:
    with pytest.raises(UnreadableInvoice, match=r"items\[0\]\.net_amount"):
        map_invoice(_with_item(net_amount="#REF!"), AROUND)


def test_an_amount_that_no_column_holds_is_an_error() -> None:
    with pytest.raises(UnreadableInvoice, match="16 digits"):
        map_invoice(requisition(summary={"current_payment_due": "1" + "0" * 16}), AROUND)


def test_missing_lines_are_an_error() -> None:
    with pytest.raises(UnreadableInvoice, match="items"):
        map_invoice(requisition(items=None), AROUND)


def test_an_unknown_kind_of_line_is_an_error() -> None:
    with pytest.raises(UnreadableInvoice, match="item_type"):
        map_invoice(_with_item(item_type="lump"), AROUND)


def test_stored_materials_count_once() -> None:
    mapped = map_invoice(
        _with_item(
            materials_presently_stored="500.00",
            materials_presently_stored_from_previous_progress="200.00",
            materials_moved="0.00",
        ),
        AROUND,
    )
    assert mapped.content.lines[0].materials_stored == Decimal("300.00")


def test_a_line_without_net_is_figured_from_its_parts() -> None:
    line = map_invoice(_with_item(net_amount=None), AROUND).content.lines[0]
    assert line.net == (
        line.work_this_period
        + line.materials_stored
        - line.retainage_held
        + line.retainage_released
        + line.tax
    )
