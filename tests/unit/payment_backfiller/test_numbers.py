"""Invoice numbers as two systems write them, and the keys that find one by the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.payment_backfiller.domain.numbers import (
    CUT_LENGTHS,
    bill_keys,
    invoice_keys,
    same_number,
)

LONG = "2026-000123/PROGRESS-07"


@pytest.mark.parametrize(
    ("ours", "ledgers"),
    [
        ("inv-001", "INV 1"),
        ("A.0007/b", "a7B"),
        (LONG, LONG[:15]),
        (LONG, LONG[:21]),
    ],
)
def test_case_blanks_zeros_punctuation_and_cuts_do_not_matter(ours: str, ledgers: str) -> None:
    assert same_number(ours, ledgers)


def test_a_cut_counts_only_at_the_lengths_where_ledgers_cut() -> None:
    assert not same_number(LONG, LONG[:14])
    assert not same_number(LONG, "")


numbers = st.text(alphabet="abAB01 -/.", max_size=25)


@given(ours=numbers, cut=st.sampled_from([None, *CUT_LENGTHS]), vendor=st.sampled_from(["v-1", " V-1 "]))
def test_whatever_is_the_same_number_is_found_by_key(ours: str, cut: int | None, vendor: str) -> None:
    ledgers = ours.upper()[:cut]
    if same_number(ours, ledgers) or (ours.strip() and ours.strip() == ledgers.strip()):
        assert set(invoice_keys("V-1", ours)) & set(bill_keys(vendor, ledgers))


def test_without_a_vendor_nothing_is_found() -> None:
    assert invoice_keys(None, "INV-1") == bill_keys(" ", "INV-1") == []
