from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.ledgers import PaymentState
from drawbridge.ledgers.grouping import adopt_reversals, payments_from
from drawbridge.ledgers.rows import PaymentRow

ROW = PaymentRow(
    payment_id="V/1",
    number="10423",
    date=date(2026, 3, 1),
    method="check",
    bank_account=None,
    state="posted",
    vendor_code="V",
    payee=None,
    joint_payee=None,
    changed_at=None,
    bill_id="b",
    cash=Decimal(100),
    discount=Decimal(2),
    credit=Decimal(0),
    reversal_key="V/10423",
    currency="USD",
)
VOID = ROW._replace(payment_id="V/2", date=date(2026, 3, 9), cash=Decimal(-100), discount=Decimal(-2))


def ids(rows: list[PaymentRow]) -> list[str]:
    return [row.payment_id for row in rows]


def test_reversal_under_another_id_joins_its_payment() -> None:
    assert ids(adopt_reversals([VOID, ROW])) == ["V/1", "V/1"]


def test_reversal_joins_the_latest_payment_that_fits() -> None:
    later = ROW._replace(payment_id="V/9", date=date(2026, 3, 8))
    assert ids(adopt_reversals([ROW, later, VOID])) == ["V/1", "V/9", "V/9"]


def test_each_payment_is_reversed_once() -> None:
    second = VOID._replace(payment_id="V/3", date=date(2026, 3, 10))
    assert ids(adopt_reversals([ROW, VOID, second])) == ["V/1", "V/1", "V/3"]


@pytest.mark.parametrize(
    "other",
    [
        VOID._replace(bill_id="another"),
        VOID._replace(cash=Decimal(-99)),
        VOID._replace(discount=Decimal(0)),
        VOID._replace(date=date(2026, 2, 27)),
        VOID._replace(reversal_key="V/777"),
        VOID._replace(reversal_key=None),
    ],
    ids=["bill", "cash", "discount", "earlier", "check", "no check"],
)
def test_negative_row_that_fits_no_payment_stays_a_payment_of_its_own(other: PaymentRow) -> None:
    facts = {entry.payment.id: entry for entry in payments_from([ROW, other])}
    assert facts.keys() == {"V/1", "V/2"}
    assert facts["V/2"].payment.state == "posted"
    assert facts["V/2"].allocations[0].cash == other.cash


def test_payment_by_credit_alone_is_not_voided() -> None:
    credit = ROW._replace(cash=Decimal(0), discount=Decimal(0), credit=Decimal(50))
    assert payments_from([credit])[0].payment.posted


@pytest.mark.parametrize("state", ["unposted", "voided"])
def test_state_that_the_ledger_tells_is_kept(state: PaymentState) -> None:
    row = ROW._replace(state=state)
    payment = payments_from([row])[0].payment
    assert (payment.state, payment.posted) == (state, False)


amounts = st.decimals(-1000, 1000, places=2)
rows = st.lists(
    st.builds(
        ROW._replace,
        payment_id=st.sampled_from(["V/1", "V/2", "V/3"]),
        bill_id=st.sampled_from(["a", "b"]),
        cash=amounts,
        date=st.dates(date(2026, 1, 1), date(2026, 1, 5)),
    ),
    max_size=12,
)


@given(rows, st.randoms())
def test_no_cent_is_lost_or_made_and_every_pair_is_told_once(
    given_rows: list[PaymentRow], shuffle: Random
) -> None:
    shuffle.shuffle(given_rows)
    allocations = [entry for facts in payments_from(given_rows) for entry in facts.allocations]
    assert sum(entry.cash for entry in allocations) == sum(row.cash for row in given_rows)
    pairs = [(entry.payment_id, entry.bill_id) for entry in allocations]
    assert len(pairs) == len(set(pairs))
