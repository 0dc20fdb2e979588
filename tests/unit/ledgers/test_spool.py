from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from drawbridge.ledgers.reading import read_payments
from drawbridge.ledgers.sql.spool import Spool
from drawbridge.ledgers.table import Raw, Table, column_of
from tests.factories.ledgers.raw import PAYMENT_ROW

DENVER = ZoneInfo("America/Denver")
ROW: dict[str, object] = {
    **PAYMENT_ROW,
    "changed_at": datetime.fromisoformat("2026-03-02T09:30"),
    "cash": Decimal("12.340"),
    "discount": 0.1 + 0.2,
}


async def in_parts(*parts: Sequence[Raw]) -> AsyncIterator[Table]:
    for part in parts:
        yield Table({name: column_of(part, name) for name in part[0]} if part else {})


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"changed_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC)},
        {"changed_at": date(2026, 3, 2), "date": datetime.fromisoformat("2026-03-01T23:00")},
        {"changed_at": "2026-03-02", "date": "2026-03-01"},
        {"currency": "CAD", "latest": "anything"},
        {"cash": Decimal("NaN")},
        {"date": Decimal(20260301)},
        {"payment_id": UUID(int=7)},
        {"bill_id": Decimal(7)},
    ],
    ids=lambda odd: ", ".join(odd) or "plain",
)
async def test_spooled_rows_are_read_as_they_came(odd: Raw) -> None:
    rows = [ROW, {**ROW, "payment_id": "q", **odd}]
    with Spool(10) as spool:
        await spool.fill(in_parts([{"currency": None, **row} for row in rows]))
        spooled = read_payments(spool.next(), DENVER, "USD")
    assert repr(spooled.facts) == repr(read_payments(rows, DENVER, "USD").facts)
    assert [each.id for each in spooled.unreadable] == [
        each.id for each in read_payments(rows, DENVER, "USD").unreadable
    ]


async def test_a_payment_is_never_divided_and_nothing_is_lost() -> None:
    ids = ["a", "b", "b", "b", "c", "d", "d"]
    rows = [{**ROW, "payment_id": payment_id} for payment_id in ids]
    with Spool(2) as spool:
        await spool.fill(in_parts(rows[:3], rows[3:]), together="payment_id")
        parts = [list(column_of(spool.next(), "payment_id")) for _ in range(2)]
        assert parts == [["a", "b", "b", "b"], ["c", "d", "d"]]
        assert not spool.next()


async def test_nothing_can_be_spooled() -> None:
    with Spool(2) as spool:
        await spool.fill(in_parts([]))
        assert not spool.next()
