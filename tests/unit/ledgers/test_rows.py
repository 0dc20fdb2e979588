from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from drawbridge.ledgers.reading import read_bills, read_payments
from drawbridge.ledgers.rows import UnreadableRow, payment_rows
from tests.factories.ledgers.raw import PAYMENT_ROW

DENVER = ZoneInfo("America/Denver")
BILL: dict[str, object] = {
    "id": "b",
    "vendor_code": "V",
    "invoice_number": "A-1",
    "total": 1,
    "paid": 0,
    "balance": 1,
    "retainage": 0,
    "voided": 0,
    "date": None,
}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"payment_id": None}, "payment_id is empty"),
        ({"payment_id": " "}, "payment_id is empty"),
        ({"bill_id": 17}, "bill_id is no text"),
        ({"vendor_code": ""}, "vendor_code is empty"),
        ({"date": "31/03/2026"}, "date '31/03/2026' is no date"),
        ({"date": 20260331}, "date 20260331 is no date"),
        ({"method": "barter"}, "method 'barter' is none of check, credit_card, electronic"),
        ({"state": None}, "state None is none of posted"),
        ({"changed_at": "soon"}, "changed_at 'soon' is no date"),
        ({"cash": "NaN"}, "cash 'NaN' is no amount"),
        ({"cash": "1,000"}, "an amount is no number"),
        ({"discount": None}, "an amount is no number"),
    ],
)
def test_value_that_fits_nothing_is_named(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(UnreadableRow, match=words):
        payment_rows([PAYMENT_ROW, {**PAYMENT_ROW, **wrong}], DENVER, "USD")


@pytest.mark.parametrize(
    "stamp",
    ["2026-03-03T09:00:00", "2026-03-03 09:00", "2026-03-03T16:00:00Z", datetime(2026, 3, 3, 16, tzinfo=UTC)],
)
def test_stamps_are_utc_whatever_their_form(stamp: object) -> None:
    (row,) = payment_rows([{**PAYMENT_ROW, "changed_at": stamp}], DENVER, "USD")
    assert row.changed_at == datetime(2026, 3, 3, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "amount"), [(0.1 + 0.2, "0.3"), (1000.0, "1000"), (1e-9, "0"), ("12.3450", "12.3450")]
)
def test_floating_point_is_rounded_to_money(value: object, amount: str) -> None:
    (row,) = payment_rows([{**PAYMENT_ROW, "cash": value}], DENVER, "USD")
    assert str(row.cash) == amount


def test_one_bad_row_makes_its_payment_unreadable_with_all_bills() -> None:
    rows = [PAYMENT_ROW, {**PAYMENT_ROW, "bill_id": "c", "method": "?"}, {**PAYMENT_ROW, "payment_id": "q"}]
    read = read_payments(rows, DENVER, "USD")
    assert [facts.payment.id for facts in read.facts] == ["q"]
    assert [(each.id, each.bill_ids) for each in read.unreadable] == [("p", ("b", "c"))]
    assert str(read.unreadable[0]).startswith("The payment 'p' in the ledger cannot be read: method '?'")


def test_bad_bill_is_named_and_the_rest_goes_on() -> None:
    read = read_bills([BILL, {**BILL, "id": "c", "voided": "yes"}, {**BILL, "id": None}], "USD")
    assert [bill.id for bill in read.facts] == ["b"]
    assert [(each.id, each.bill_ids) for each in read.unreadable] == [("c", ("c",)), ("(no id)", ())]
