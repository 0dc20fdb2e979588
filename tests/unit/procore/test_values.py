from decimal import Decimal

import pytest

from drawbridge.procore import UnreadableAmount, decimal_of, decimal_or_none, percent_of
from drawbridge.procore.values import read_json


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("1000000.0", "1000000.0"),
        ("-12.50", "-12.50"),
        ("+.5", "0.5"),
        (" 7. ", "7"),
        ("1e-3", "0.001"),
        ("0", "0"),
    ],
)
def test_amount_is_read_to_the_last_digit(raw: str, amount: str) -> None:
    assert decimal_of(raw, "net_amount") == Decimal(amount)


@pytest.mark.parametrize(
    "raw", ["#REF!", "", None, "NaN", "Infinity", "1,000.00", "$5", "1e999", "٣", "true"]
)
def test_what_is_no_amount_names_the_member_and_what_stood_there(raw: str | None) -> None:
    with pytest.raises(UnreadableAmount) as caught:
        decimal_of(raw, "current_payment_due")
    assert (caught.value.field, caught.value.value) == ("current_payment_due", raw)
    assert "current_payment_due" in caught.value.problem.message


def test_absent_amount_is_not_zero() -> None:
    assert decimal_or_none(None, "x") is None
    assert decimal_or_none("  ", "x") is None
    assert decimal_or_none("0", "x") == 0


@pytest.mark.parametrize(("raw", "percent"), [("96.36%", "96.36"), ("0", "0"), ("5 %", "5")])
def test_percentages_come_with_and_without_their_sign(raw: str, percent: str) -> None:
    assert percent_of(raw, "percent_complete") == Decimal(percent)
    assert percent_of(None, "percent_complete") is None


def test_fractions_never_become_floats() -> None:
    assert read_json(b'{"a": 10812.60, "b": 0.1, "c": NaN, "d": 598134325841112}') == {
        "a": "10812.60",
        "b": "0.1",
        "c": "NaN",
        "d": 598134325841112,
    }
