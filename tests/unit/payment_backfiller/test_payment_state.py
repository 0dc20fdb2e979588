"""What is paid, measured against what is payable."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.payment_backfiller.domain.payment_state import payment_state, settlement

AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=2)


@pytest.mark.parametrize(
    ("payable", "settled", "state"),
    [
        ("100", "100", "paid"),
        ("100", "0", "unpaid"),
        ("100", "99.99", "partially_paid"),
        ("100", "100.01", "overpaid"),
        ("0", "0", "paid"),
        ("0", "1", "overpaid"),
        ("-50", "0", "unpaid"),
        ("-50", "-20", "partially_paid"),
        ("-50", "-50", "paid"),
        ("-50", "-60", "overpaid"),
    ],
)
def test_state_follows_the_sum(payable: str, settled: str, state: str) -> None:
    assert payment_state(Decimal(payable), Decimal(settled)) == state


@given(AMOUNTS.filter(bool), AMOUNTS)
def test_signs_are_reversed_for_a_negative_payable(payable: Decimal, settled: Decimal) -> None:
    assert payment_state(payable, settled) == payment_state(-payable, -settled)


def test_without_a_bill_net_due_is_payable() -> None:
    result = settlement(net_due=Decimal(90), bill_total=None, bill_retainage=None, settled=Decimal(90))
    assert (result.state, result.payable, result.cause) == ("paid", Decimal(90), "")


def test_retainage_that_the_ledger_holds_is_not_payable() -> None:
    result = settlement(
        net_due=Decimal(90), bill_total=Decimal(100), bill_retainage=Decimal(10), settled=Decimal(90)
    )
    assert (result.state, result.cause) == ("paid", "")


def test_a_payable_that_is_not_net_due_has_a_cause() -> None:
    result = settlement(
        net_due=Decimal(90), bill_total=Decimal(95), bill_retainage=Decimal(0), settled=Decimal(90)
    )
    assert result.state == "partially_paid"
    assert "95" in result.cause
    assert "90" in result.cause
