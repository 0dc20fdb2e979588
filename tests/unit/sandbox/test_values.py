"""How Procore writes and reads values."""

from decimal import Decimal

import pytest

from drawbridge.sandbox.procore.values import Ids, decimal_text, percent_text, read_date, read_decimal


@pytest.mark.parametrize(
    ("value", "text"),
    [("1000", "1000.0"), ("12.50", "12.5"), ("0.00", "0.0"), ("-3.07", "-3.07"), ("1E+6", "1000000.0")],
)
def test_decimals_are_written_without_exponent_and_with_one_decimal_at_least(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_unreadable_dates_become_null() -> None:
    assert read_date("2026-11-23") == "2026-11-23"
    assert read_date("2026-11-23T10:00:00Z") == "2026-11-23"
    assert [read_date(value) for value in ("11/23/2026", "2026-13-01", None, 7)] == [None] * 4


def test_amounts_are_read_from_text_and_bare_numbers_only() -> None:
    assert read_decimal("12.50") == Decimal("12.50")
    assert read_decimal(12.5) == Decimal("12.5")
    unreadable: tuple[object, ...] = ("twelve", None, True, [], "NaN")
    assert [read_decimal(value) for value in unreadable] == [None] * 5


def test_share_of_nothing_is_a_bare_zero() -> None:
    assert percent_text(Decimal(1), Decimal(0)) == "0"
    assert percent_text(Decimal(53), Decimal(55)) == "96.36%"


def test_each_kind_has_ids_of_its_own() -> None:
    ids = Ids()
    given = [ids.next(kind) for kind in ("project", "vendor", "project", "payment")]
    assert len(set(given)) == 4
    assert min(given) > 2**32
