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
        ({"cash": "Infinity", "discount": "1", "credit": "1"}, "cash 'Infinity' is no amount"),
        ({"payment_id": "p\0"}, r"payment_id holds the character '\\x00', which cannot be stored"),
        ({"number": "\0"}, r"number holds the character '\\x00'"),
        ({"payee": "Ac\ud83dme"}, r"payee holds the character '\\ud83d'"),
        ({"vendor_code": "V\0"}, "vendor_code holds"),
        ({"bill_id": "b\ude00"}, "bill_id holds"),
        ({"currency": "\0"}, "currency holds"),
        ({"method": "che\0ck"}, r"method 'che\\x00ck' is none of"),
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


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_what_cannot_be_stored_is_reported_under_a_name_that_can(character: str) -> None:
    bad = {**PAYMENT_ROW, "payment_id": f"q{character}", "bill_id": f"c{character}"}
    read = read_payments([PAYMENT_ROW, bad], DENVER, "USD")
    assert [facts.payment.id for facts in read.facts] == ["p"]
    assert [(each.id, each.bill_ids) for each in read.unreadable] == [("q\ufffd", ("c\ufffd",))]
    read_of_bills = read_bills([BILL, {**BILL, "id": f"c{character}"}], "USD")
    assert [bill.id for bill in read_of_bills.facts] == ["b"]
    assert [(each.id, each.bill_ids) for each in read_of_bills.unreadable] == [("c\ufffd", ("c\ufffd",))]


def test_text_that_is_only_compared_may_hold_anything() -> None:
    read = read_payments([{**PAYMENT_ROW, "reversal_key": "V/\0"}], DENVER, "USD")
    assert [facts.payment.id for facts in read.facts] == ["p"]


def test_text_beyond_ascii_is_kept() -> None:
    (row,) = payment_rows([{**PAYMENT_ROW, "payee": " Müller 🏗 "}], DENVER, "USD")
    assert row.payee == "Müller 🏗"


def test_bad_bill_is_named_and_the_rest_goes_on() -> None:
    read = read_bills([BILL, {**BILL, "id": "c", "voided": "yes"}, {**BILL, "id": None}], "USD")
    assert [bill.id for bill in read.facts] == ["b"]
    assert [(each.id, each.bill_ids) for each in read.unreadable] == [("c", ("c",)), ("(no id)", ())]
