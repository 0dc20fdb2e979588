"""The quick way gives what the careful way gives, whatever the rows are."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from drawbridge.ledgers.grouping import payments_from
from drawbridge.ledgers.plain import payments_of
from drawbridge.ledgers.rows import PaymentColumns, PaymentRow
from tests.unit.ledgers.test_grouping import ROW, VOID

STAMPS = [None, *(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in (0, 1, 2))]
amounts = st.sampled_from(["0", "0.00", "10", "10.00", "25.5"]).map(Decimal)


def columns(rows: list[PaymentRow]) -> PaymentColumns:
    return PaymentColumns(*zip(*rows, strict=True)) if rows else PaymentColumns(*([[]] * len(ROW)))


def told_alike(number: int, stamp: datetime | None) -> PaymentRow:
    return ROW._replace(payment_id=f"V/{number}", number=str(number), changed_at=stamp)


headers = st.builds(told_alike, st.integers(1, 5), st.sampled_from(STAMPS))
plain_rows = st.builds(
    lambda header, bill_id, cash, discount: header._replace(bill_id=bill_id, cash=cash, discount=discount),
    headers,
    st.sampled_from(["a", "b", "c", "d"]),
    amounts,
    amounts,
)
strange_rows = st.builds(
    PaymentRow._replace,
    plain_rows,
    date=st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    state=st.sampled_from(["posted", "unposted"]),
    payee=st.sampled_from([None, "Acme"]),
    cash=st.sampled_from(["10", "-10", "-10.00", "-25.5", "0"]).map(Decimal),
    reversal_key=st.sampled_from([None, "k", "l"]),
)


@given(st.lists(plain_rows | strange_rows, max_size=14))
def test_quick_way_gives_what_the_careful_way_gives(rows: list[PaymentRow]) -> None:
    assert repr(payments_of(columns(rows))) == repr(payments_from(rows))


@given(st.permutations([ROW._replace(bill_id=bill) for bill in "abc"]), st.lists(plain_rows, max_size=6))
def test_payment_of_several_bills_is_told_once_in_any_order(
    rows: list[PaymentRow], others: list[PaymentRow]
) -> None:
    facts = payments_of(columns([*rows, *others]))
    assert repr(facts) == repr(payments_from([*rows, *others]))
    assert len({entry.payment.id for entry in facts}) == len(facts)


def test_reversal_joins_its_payment_among_plain_ones() -> None:
    other = ROW._replace(payment_id="V/7", number="7", reversal_key="V/7")
    facts = payments_of(columns([VOID, other, ROW]))
    assert [(entry.payment.id, entry.payment.state) for entry in facts] == [
        ("V/1", "voided"),
        ("V/7", "posted"),
    ]
