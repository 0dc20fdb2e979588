import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from drawbridge.procore import Commitment, Requisition, UnreadableAmount, decimal_of

RAW = {
    "id": "598134325841112",
    "number": 4,
    "invoice_number": 1234,
    "status": "approved",
    "final": "false",
    "percent_complete": "96.36%",
    "vendor_id": None,
    "created_by": None,
    "submitted_at": "2026-02-30",
    "billing_date": "2026-02-28T00:00:00Z",
    "created_at": "2026-02-01T10:00:00+02:00",
    "updated_at": "2026-02-01 10:00:00",
    "brand_new_member": {"x": 1},
    "summary": {"current_payment_due": "#REF!", "total_retainage": "5300.0", "formatted_period": None},
    "tax_summary": [{"tax_code_rate": "7.25", "applied_amount": 12}],
    "custom_fields": {"custom_field_9": {"data_type": "string", "value": "x"}},
    "currency_configuration": {"currency_iso_code": "USD", "currency_exchange_rate": "1.0"},
    "attachments": [{"id": 1, "url": "https://x.test/f", "filename": "lien.pdf"}],
    "items": [
        {
            "id": 5,
            "item_type": "contract_item",
            "net_amount": "90.00",
            "wbs_code": {
                "flat_code": "2-100.S",
                "segment_items": [{"code": "2-100", "segment_type": "cost_code"}],
            },
            "taxes": [{"tax_code_id": 3, "tax_code_rate": "0.0725"}],
        },
        {"net_amount": {"odd": 1}, "wbs_code": "2.E", "taxes": None},
    ],
}


def test_requisition_survives_text_ids_bare_numbers_nulls_and_new_members() -> None:
    row = Requisition.read(RAW)
    assert (row.id, row.number, row.invoice_number) == (598134325841112, 4, "1234")
    assert (row.final, row.vendor_id, row.created_by) == (False, None, None)
    assert row.currency_configuration is not None
    assert row.currency_configuration.currency_iso_code == "USD"
    assert row.attachments is not None
    assert row.attachments[0].filename == "lien.pdf"


def test_dates_that_cannot_be_read_are_absent_and_moments_are_utc() -> None:
    row = Requisition.read(RAW)
    assert (row.submitted_at, row.billing_date) == (None, date(2026, 2, 28))
    assert row.created_at == datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert row.updated_at == datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_original_is_kept_and_can_be_stored_as_json() -> None:
    row = Requisition.read(RAW)
    assert row.raw == RAW
    assert json.loads(json.dumps(row.raw)) == RAW


def test_broken_amount_stays_text_until_it_is_asked_for() -> None:
    row = Requisition.read(RAW)
    assert row.summary is not None
    with pytest.raises(UnreadableAmount):
        decimal_of(row.summary.current_payment_due, "summary.current_payment_due")
    assert decimal_of(row.summary.total_retainage, "summary.total_retainage") == 5300


def test_lines_keep_their_budget_code_and_odd_values() -> None:
    row = Requisition.read(RAW)
    assert row.items is not None
    first, second = row.items
    assert first.wbs_code is not None
    assert first.wbs_code.flat_code == "2-100.S"
    assert (second.net_amount, second.wbs_code) == ('{"odd": 1}', None)


def test_parts_that_the_view_left_out_differ_from_empty_ones() -> None:
    assert Requisition.read({"id": 1}).items is None
    assert Requisition.read({"id": 1, "items": []}).items == []


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": True}, {"id": "12a"}, {"id": 1.5}, {"id": 2**63}])
def test_record_without_an_id_is_no_record(row: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Requisition.read(row)


@pytest.mark.parametrize(
    ("vendor", "name"), [({"company": "Acme"}, "Acme"), ({"name": "Acme"}, "Acme"), (None, None)]
)
def test_commitment_finds_the_vendors_name_where_procore_put_it(
    vendor: dict[str, str] | None, name: str | None
) -> None:
    commitment = Commitment.read({"id": 1, "vendor": vendor})
    assert (commitment.vendor.display_name if commitment.vendor else None) == name
    assert commitment.currency is None
