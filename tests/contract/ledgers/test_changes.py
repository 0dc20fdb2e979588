"""What every ledger tells of changes: the overlap, stamps, clocks, and rows that nobody can read."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers import Unreadable
from drawbridge.ledgers.sql import books
from tests.contract.ledgers.conftest import KEEPING, MARIADB, Hire
from tests.contract.ledgers.reading import NONE, TWO_DAYS, batches, numbers, read
from tests.factories.ledgers.clerk import Clerk, Part, VoidShape
from tests.factories.ledgers.own import OwnClerk


@pytest_asyncio.fixture(params=KEEPING)
async def clerk(request: pytest.FixtureRequest, hire: Hire) -> Clerk:
    """Dropped files are stamped when they are taken; all others stamp their rows themselves."""
    return await hire(request.param)


def local(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour)  # noqa: DTZ001  a ledger's local time


async def pay_on(clerk: Clerk, *days: int) -> str:
    bill = await clerk.bill("A-1", "1000")
    for day in days:
        await clerk.pay(day, [Part(bill, "10")], stamp=local(day))
    return bill


async def test_only_what_changed_since_the_cursor_is_told(clerk: Clerk) -> None:
    await pay_on(clerk, 3, 5, 7)
    cursor = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert await numbers(clerk.ledger, cursor) == ["5", "7"]
    assert await numbers(clerk.ledger, cursor, TWO_DAYS) == ["3", "5", "7"]
    assert await batches(clerk.ledger, datetime(2026, 3, 8, 12, tzinfo=UTC)) == []


async def test_reading_on_from_the_cursor_tells_the_last_day_again_and_nothing_older(clerk: Clerk) -> None:
    await pay_on(clerk, 3, 5, 7)
    (batch,) = await batches(clerk.ledger)
    assert batch.cursor is not None
    assert batch.cursor.date() == local(7).date()
    assert await numbers(clerk.ledger, batch.cursor) == ["7"]


async def test_stamp_is_told_in_utc_for_the_ledgers_time_zone(clerk: Clerk) -> None:
    await pay_on(clerk, 3)
    ((facts,),) = [batch.facts for batch in await batches(clerk.ledger)]
    # Nine in the morning in Denver; midnight where a stamp is a date.
    assert facts.payment.changed_at in {
        datetime(2026, 3, 3, 16, tzinfo=UTC),
        datetime(2026, 3, 3, 7, tzinfo=UTC),
    }


async def test_row_without_a_stamp_is_told_every_time(clerk: Clerk) -> None:
    bill = await pay_on(clerk, 3)
    await clerk.pay(99, [Part(bill, "1")], stamp=None)
    assert await numbers(clerk.ledger, datetime(2026, 3, 20, tzinfo=UTC)) == ["99"]


@pytest.mark.parametrize("off", [-2, 2], ids=["behind", "ahead"])
async def test_clock_that_is_two_days_off_hides_nothing(clerk: Clerk, off: int) -> None:
    bill = await clerk.bill("A-1", "100")
    await clerk.pay(1, [Part(bill, "10")], stamp=local(10 + max(off, 0)))
    (batch,) = await batches(clerk.ledger)
    await clerk.pay(2, [Part(bill, "10")], stamp=local(10 + min(off, 0)))
    assert await numbers(clerk.ledger, batch.cursor, TWO_DAYS) == ["1", "2"]


async def test_hour_that_summer_time_repeats_or_leaves_out_hides_nothing(clerk: Clerk) -> None:
    bill = await clerk.bill("A-1", "100")
    for number, stamp in enumerate(
        [
            datetime(2026, 11, 1, 1, 50),  # noqa: DTZ001  # in Denver it is half past one twice on this day
            datetime(2026, 11, 1, 1, 10),  # noqa: DTZ001  # twenty minutes later
            datetime(2027, 3, 14, 2, 30),  # noqa: DTZ001  # and never half past two on this one
        ]
    ):
        await clerk.pay(number + 11, [Part(bill, "10")], stamp=stamp)
    for last in await batches(clerk.ledger):
        assert last.unreadable == ()
    cursor = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)  # the second half past one
    assert await numbers(clerk.ledger, cursor, TWO_DAYS) == ["11", "12", "13"]


async def test_same_rows_read_twice_are_the_same_facts(clerk: Clerk) -> None:
    await pay_on(clerk, 3, 5)
    assert await batches(clerk.ledger) == await batches(clerk.ledger)


async def test_unreadable_payment_is_named_and_the_rest_goes_on(clerk: Clerk) -> None:
    bill = await pay_on(clerk, 3, 5, 7)
    await clerk.spoil(5)
    (batch,) = await batches(clerk.ledger)
    assert [facts.payment.number for facts in batch.facts] == ["3", "7"]
    (complaint,) = batch.unreadable
    assert (complaint.kind, complaint.bill_ids) == ("payment", (bill,))
    assert "5" in complaint.id
    assert complaint.reason


async def test_cursor_does_not_pass_an_unreadable_payment_until_it_is_mended(clerk: Clerk) -> None:
    await pay_on(clerk, 3, 5, 7)
    await clerk.spoil(5)
    (batch,) = await batches(clerk.ledger)
    assert batch.cursor is not None
    assert batch.cursor.date() == local(5).date()
    (again,) = await batches(clerk.ledger, batch.cursor)
    assert [len(again.facts), len(again.unreadable)] == [1, 1]
    await clerk.mend(5)
    (mended,) = await batches(clerk.ledger, again.cursor)
    assert [facts.payment.number for facts in mended.facts] == ["5", "7"]
    assert mended.cursor is not None
    assert mended.cursor.date() == local(7).date()


async def test_void_of_an_unreadable_payment_waits_with_it(clerk: Clerk) -> None:
    bill = await pay_on(clerk, 3)
    await clerk.spoil(3)
    if "new" in clerk.void_shapes:
        await clerk.void(3, "new", day=local(9).date(), stamp=local(9))
    found = await batches(clerk.ledger, None, timedelta(days=1))
    assert [facts for batch in found for facts in batch.facts] == []
    assert {each.bill_ids for batch in found for each in batch.unreadable} == {(bill,)}


async def test_answer_that_lacks_an_unreadable_payment_never_looks_complete(clerk: Clerk) -> None:
    bill = await pay_on(clerk, 3, 5)
    await clerk.spoil(5)
    with pytest.raises(Refused) as caught:
        await clerk.ledger.allocations_for([bill])
    assert caught.value.problem.code == "ledger_row"
    unreadable: list[Unreadable] = []
    (left,) = await clerk.ledger.allocations_for([bill], unreadable)
    assert left.payment.number == "3"
    assert [each.bill_ids for each in unreadable] == [(bill,)]


async def test_trial_reading_counts_all_shows_the_first_and_every_complaint(clerk: Clerk) -> None:
    await pay_on(clerk, 3, 5, 7, 8)
    await clerk.spoil(5)
    sample = await clerk.ledger.check(show=2)
    assert (sample.payment_rows, sample.bill_rows) == (4, 1)
    assert [len(sample.payments), len(sample.bills)] == [2, 1]
    (complaint,) = sample.unreadable
    assert "5" in complaint.id


async def test_reading_without_overlap_tells_the_cursor_itself_again(clerk: Clerk) -> None:
    await pay_on(clerk, 3)
    (batch,) = await batches(clerk.ledger)
    assert await numbers(clerk.ledger, batch.cursor, NONE) == ["3"]


@pytest.fixture(params=["as it is", "in one pass"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a SQL ledger reads what changed: by look-ups, or, where it is much, all in one pass."""
    if request.param == "in one pass":
        monkeypatch.setattr(books, "MANY", 0)
    return str(request.param)


@pytest.mark.parametrize("kind", ["sage100-postgresql", "own-sqlite", MARIADB])
async def test_what_changed_is_told_alike_however_it_is_read(hire: Hire, kind: str, way: str) -> None:
    clerk = await hire(kind)
    bill = await pay_on(clerk, 3, 5, 7)
    shape: VoidShape = "new"
    await clerk.void(3, shape, day=local(8).date(), stamp=local(8))
    await clerk.pay(99, [Part(bill, "1")], stamp=None)
    cursor = datetime(2026, 3, 6, 12, tzinfo=UTC)
    told = await read(clerk.ledger, cursor)
    assert {facts.payment.number: facts.payment.state for facts in told} == {
        "3": "voided",
        "7": "posted",
        "99": "posted",
    }, way
    await clerk.spoil(7)
    found = await batches(clerk.ledger, cursor)
    assert {facts.payment.number for batch in found for facts in batch.facts} == {"3", "99"}
    (complaint,) = {each for batch in found for each in batch.unreadable}
    assert complaint.bill_ids == (bill,)
    assert found[-1].cursor is not None
    assert found[-1].cursor.date() == local(7).date()


@pytest.mark.parametrize("cursor", [None, datetime(2026, 3, 1, tzinfo=UTC)])
async def test_cursor_waits_for_a_payment_whose_id_cannot_be_stored(
    hire: Hire, cursor: datetime | None, way: str
) -> None:
    clerk = await hire("own-sqlite")
    assert isinstance(clerk, OwnClerk)
    bill = await pay_on(clerk, 3, 5, 7)
    await clerk.tables.execute("UPDATE pay SET payment_id = 'P' || char(0) WHERE number = '5'")
    (batch,) = await batches(clerk.ledger, cursor)
    assert [facts.payment.number for facts in batch.facts] == ["3", "7"], way
    (complaint,) = batch.unreadable
    assert (complaint.id, complaint.bill_ids) == ("P\ufffd", (bill,))
    assert "payment_id holds" in complaint.reason
    assert batch.cursor is not None
    assert batch.cursor.date() == local(5).date()


async def test_bills_are_told_before_all_payments_of_a_first_reading(hire: Hire) -> None:
    clerk = await hire("own-sqlite")
    bill = await pay_on(clerk, 3)
    first, *_, last = [batch async for batch in clerk.ledger.payments_changed_since(None, NONE)]
    assert ([each.id for each in first.bills], first.facts) == ([bill], ())
    assert [facts.payment.number for facts in last.facts] == ["3"]
