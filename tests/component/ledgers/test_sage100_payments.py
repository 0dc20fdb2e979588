from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from drawbridge.ledgers import LedgerSource, PaymentBatch, PaymentFacts
from drawbridge.ledgers.sql import ledger as sql_ledger
from drawbridge.ledgers.sql import one_pass
from tests.factories.sage import SageBooks

NO_OVERLAP = timedelta(0)
DAWN = datetime(2026, 3, 1, tzinfo=UTC)
"""Before everything: what changed since then is looked up; without a cursor all is read in one pass."""


def denver(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour)  # noqa: DTZ001  Sage stamps carry no zone


async def batches(
    ledger: LedgerSource, cursor: datetime | None = None, overlap: timedelta = NO_OVERLAP
) -> list[PaymentBatch]:
    return [batch async for batch in ledger.payments_changed_since(cursor, overlap)]


async def read(
    ledger: LedgerSource, cursor: datetime | None = None, overlap: timedelta = NO_OVERLAP
) -> list[PaymentFacts]:
    return [facts for batch in await batches(ledger, cursor, overlap) for facts in batch.facts]


def cash(facts: PaymentFacts) -> dict[str, Decimal]:
    return {allocation.bill_id: allocation.cash for allocation in facts.allocations}


async def test_one_check_over_two_bills_is_one_payment_with_two_allocations(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.bill(2, 7, "INV-2")
    await books.payment(1, "100.10")
    await books.payment(2, "50")
    (facts,) = await read(ledger)
    assert facts.payment.id == "V-1007/700"
    assert (facts.payment.number, facts.payment.date) == ("10423", date(2026, 3, 1))
    assert (facts.payment.method, facts.payment.posted) == ("check", True)
    assert (facts.payment.vendor_code, facts.payment.payee) == ("V-1007", "Acme Steel")
    assert facts.payment.changed_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert cash(facts) == {"1": Decimal("100.10"), "2": Decimal(50)}


async def test_bill_is_found_by_idref_and_not_by_record_number(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.bill(6, 7, "OTHER")
    await books.payment(1, "10")
    await books.execute("UPDATE dbo.acpinv SET recnum = 1 WHERE _idnum = 6")  # as acppmt.recnum
    assert [cash(facts) for facts in await read(ledger)] == [{"1": Decimal(10)}]


async def test_several_rows_on_one_bill_are_one_allocation(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.payment(1, "60", discount="1.50")
    await books.payment(1, "40", credit="5")
    (facts,) = await read(ledger)
    (allocation,) = facts.allocations
    assert (allocation.cash, allocation.discount, allocation.credit) == (
        Decimal(100),
        Decimal("1.50"),
        Decimal(5),
    )


async def test_one_check_run_over_two_vendors_is_two_payments(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.vendor(8, "")
    await books.bill(1, 7, "INV-1")
    await books.bill(2, 8, "INV-1")
    await books.payment(1, "10", check="10423")
    await books.payment(2, "20", check="10424")
    assert sorted(facts.payment.id for facts in await read(ledger)) == ["8/700", "V-1007/700"]


async def test_payment_without_a_ledger_record_is_known_by_its_check(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.payment(1, "10", lgrrec=0)
    await books.payment(1, "20", lgrrec=None, check=None, ach="B17")
    found = {facts.payment.id: facts.payment for facts in await read(ledger)}
    assert found.keys() == {"V-1007/10423/2026-03-01", "V-1007//2026-03-01"}
    electronic = found["V-1007//2026-03-01"]
    assert (electronic.method, electronic.number) == ("electronic", None)


async def test_void_by_negative_rows_under_the_same_record_voids_the_payment(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.payment(1, "100", discount="2")
    await books.payment(1, "-100", discount="-2", day=date(2026, 3, 9))
    (facts,) = await read(ledger)
    assert (facts.payment.state, facts.payment.date) == ("voided", date(2026, 3, 1))
    assert cash(facts) == {"1": Decimal(0)}


async def test_void_under_a_new_record_finds_the_old_payment_even_if_that_did_not_change(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.bill(2, 7, "INV-2")
    await books.payment(1, "100")
    await books.payment(2, "30")
    await books.payment(1, "-100", lgrrec=701, day=date(2026, 3, 9), stamp=denver(9))
    (facts,) = await read(ledger, datetime(2026, 3, 8, tzinfo=UTC))
    assert (facts.payment.id, facts.payment.state) == ("V-1007/700", "posted")
    assert cash(facts) == {"1": Decimal(0), "2": Decimal(30)}


async def test_reissue_with_the_same_number_is_a_payment_of_its_own(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.payment(1, "100")
    await books.payment(1, "-100", lgrrec=701, day=date(2026, 3, 5))
    await books.payment(1, "100", lgrrec=702, day=date(2026, 3, 6))
    states = {facts.payment.id: facts.payment.state for facts in await read(ledger)}
    assert states == {"V-1007/700": "voided", "V-1007/702": "posted"}


async def test_only_what_changed_since_the_cursor_less_the_overlap_is_read(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    for day in (1, 2, 3):
        await books.payment(1, "10", check=f"{day}", lgrrec=day, stamp=denver(day))
    cursor = datetime(2026, 3, 3, 16, tzinfo=UTC)  # nine in the morning in Denver
    assert [facts.payment.number for facts in await read(ledger, cursor)] == ["3"]
    assert [facts.payment.number for facts in await read(ledger, cursor, timedelta(days=1))] == ["2", "3"]
    assert await batches(ledger, cursor + timedelta(seconds=1)) == []


async def test_change_of_one_row_brings_the_whole_payment(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.bill(2, 7, "INV-2")
    await books.payment(1, "10", check=None)
    await books.payment(2, "20", check=None)
    await books.execute("UPDATE dbo.acppmt SET upddte = '2026-03-20' WHERE _idref = 2")
    (facts,) = await read(ledger, datetime(2026, 3, 15, tzinfo=UTC))
    assert cash(facts) == {"1": Decimal(10), "2": Decimal(20)}


async def test_rows_without_a_stamp_or_a_check_date_are_not_lost(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.payment(1, "10", lgrrec=1, check="1", stamp=None)
    await books.payment(1, "20", lgrrec=2, check="2", day=None, stamp=denver(20))
    found = await read(ledger, datetime(2026, 3, 15, tzinfo=UTC))
    assert [(facts.payment.number, facts.payment.date.day) for facts in found] == [("1", 1), ("2", 20)]


@pytest.mark.parametrize("cursor", [None, DAWN], ids=["in one pass", "looked up"])
async def test_batches_come_oldest_change_first_with_a_cursor_to_go_on_from(
    ledger: LedgerSource, books: SageBooks, monkeypatch: pytest.MonkeyPatch, cursor: datetime | None
) -> None:
    monkeypatch.setattr(one_pass, "ROWS", 200)
    monkeypatch.setattr(sql_ledger, "KEYS_PER_QUERY", 200)
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.execute(
        "INSERT INTO dbo.acppmt (_idref, chknum, chkdte, amount, lgrrec, insdte)"
        " SELECT 1, n::text, '2026-03-01', 1, n, timestamp '2026-03-10' - n * interval '1 minute'"
        " FROM generate_series(1, 450) n"
    )
    found = [batch for batch in await batches(ledger, cursor) if batch.facts]
    assert [len(batch.facts) for batch in found] == [200, 200, 50]
    stamps = [
        facts.payment.changed_at for batch in found for facts in batch.facts if facts.payment.changed_at
    ]
    assert stamps == sorted(stamps)
    assert [batch.cursor for batch in found] == [stamps[199], stamps[399], stamps[449]]


async def test_change_during_a_reading_is_told_by_the_next_one(
    ledger: LedgerSource, books: SageBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_ledger, "KEYS_PER_QUERY", 200)
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    await books.execute(
        "INSERT INTO dbo.acppmt (_idref, chknum, chkdte, amount, lgrrec, insdte)"
        " SELECT 1, n::text, '2026-03-01', 1, n, timestamp '2026-03-10' + n * interval '1 second'"
        " FROM generate_series(1, 250) n"
    )
    reading = aiter(ledger.payments_changed_since(DAWN, NO_OVERLAP))
    first = await anext(reading)
    await books.execute(
        "UPDATE dbo.acppmt SET amount = 2, upddte = '2026-03-10 12:00' WHERE lgrrec IN (1, 249)"
    )
    await books.execute(
        "INSERT INTO dbo.acppmt (_idref, chknum, chkdte, amount, lgrrec, insdte)"
        " VALUES (1, '900', '2026-03-10', 1, 900, '2026-03-10 11:00')"
    )
    rest = [batch async for batch in reading]
    assert [len(first.facts), *(len(batch.facts) for batch in rest)] == [200, 50]
    again = await read(ledger, rest[-1].cursor)
    assert {facts.payment.number for facts in again} == {"250", "900", "1", "249"}


async def test_allocations_of_a_bill_bring_their_payments_complete_and_miss_the_deleted(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    for bill in (1, 2, 3):
        await books.bill(bill, 7, f"INV-{bill}")
    await books.payment(1, "10")
    await books.payment(2, "20")
    await books.payment(3, "30", lgrrec=800, check="10999")
    (facts,) = await ledger.allocations_for(["1"])
    assert cash(facts) == {"1": Decimal(10), "2": Decimal(20)}
    await books.execute("DELETE FROM dbo.acppmt WHERE lgrrec = 700")
    assert await ledger.allocations_for(["1", "2"]) == []
    assert await ledger.allocations_for([]) == []
