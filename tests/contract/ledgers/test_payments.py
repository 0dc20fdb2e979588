"""What every ledger tells of payments, whatever its tables look like."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.contract.ledgers.conftest import STAMPING, Hire
from tests.contract.ledgers.reading import amounts, read
from tests.factories.ledgers.clerk import VENDOR, Clerk, Part, VoidShape

ZERO = Decimal(0)
LATER = datetime(2026, 3, 9, 10)  # noqa: DTZ001  a ledger's local time


async def test_one_check_over_two_bills_is_one_payment_with_two_allocations(clerk: Clerk) -> None:
    first, second = await clerk.bill("A-1", "100.10"), await clerk.bill("A-2", "80")
    await clerk.pay(10423, [Part(first, "100.10"), Part(second, "30")])
    (facts,) = await read(clerk.ledger)
    assert (facts.payment.number, facts.payment.date) == ("10423", date(2026, 3, 1))
    assert (facts.payment.method, facts.payment.state) == ("check", "posted")
    assert (facts.payment.vendor_code, facts.payment.currency) == (VENDOR, "USD")
    assert amounts(facts) == {first: (Decimal("100.10"), ZERO, ZERO), second: (Decimal(30), ZERO, ZERO)}
    assert {each.payment_id for each in facts.allocations} == {facts.payment.id}


async def test_two_part_payments_of_one_bill_stay_two(clerk: Clerk) -> None:
    bill = await clerk.bill("A-1", "100")
    await clerk.pay(1, [Part(bill, "60.05")])
    await clerk.pay(2, [Part(bill, "39.95")])
    found = {facts.payment.number: amounts(facts)[bill][0] for facts in await read(clerk.ledger)}
    assert found == {"1": Decimal("60.05"), "2": Decimal("39.95")}


async def test_discount_and_credit_are_told_apart_from_cash(clerk: Clerk) -> None:
    bill = await clerk.bill("A-1", "100")
    await clerk.pay(1, [Part(bill, "93.50", discount="2", credit="4.50")])
    told = [amounts(facts)[bill] for facts in await read(clerk.ledger)]
    sums = tuple(sum(part, ZERO) for part in zip(*told, strict=True))  # some ledgers tell them one by one
    assert sums == (Decimal("93.50"), Decimal(2), Decimal("4.50"))


async def test_credit_alone_is_a_payment_without_cash(clerk: Clerk) -> None:
    bill = await clerk.bill("A-1", "50")
    await clerk.pay(1, [Part(bill, credit="50")])
    (facts,) = await read(clerk.ledger)
    assert (facts.payment.state, amounts(facts)[bill]) == ("posted", (ZERO, ZERO, Decimal(50)))


@pytest.mark.parametrize(
    ("books", "shape"),
    [
        ("sage100-postgresql", "same"),
        ("sage100-postgresql", "new"),
        ("sage300-postgresql", "state"),
        ("sage300-postgresql", "new"),
        ("sage300-sqlite", "state"),
        ("sage300-sqlite", "new"),
        ("own-postgresql", "state"),
        ("own-postgresql", "same"),
        ("own-sqlite", "new"),
        ("own-sqlite", "same"),
        pytest.param("own-mysql", "new", marks=pytest.mark.mariadb),
        ("drop-csv", "state"),
        ("drop-csv", "new"),
        ("drop-json", "same"),
        pytest.param("tryton-sqlite", "state", marks=pytest.mark.tryton),
    ],
)
async def test_void_is_told_of_the_payment_that_it_takes_back(
    hire: Hire, books: str, shape: VoidShape
) -> None:
    clerk = await hire(books)
    assert shape in clerk.void_shapes
    first, second = await clerk.bill("A-1", "100"), await clerk.bill("A-2", "50")
    discount = "0" if books.startswith("tryton") else "2"  # Tryton has a person undo its write-offs first
    await clerk.pay(1, [Part(first, "98", discount=discount)])
    await clerk.pay(2, [Part(second, "5")])
    before = {facts.payment.number: facts.payment.id for facts in await read(clerk.ledger)}
    await clerk.void(1, shape, day=date(2026, 3, 9), stamp=LATER)
    after = {facts.payment.id: facts.payment for facts in await read(clerk.ledger)}
    assert {key: payment.state for key, payment in after.items()} == {
        before["1"]: "voided",
        before["2"]: "posted",
    }
    assert after[before["1"] or ""].date == date(2026, 3, 1)


@pytest.mark.parametrize("books", STAMPING)
async def test_deleted_payment_is_missing_among_the_allocations_of_its_bill(hire: Hire, books: str) -> None:
    clerk = await hire(books)
    first, second = await clerk.bill("A-1", "100"), await clerk.bill("A-2", "100")
    await clerk.pay(1, [Part(first, "10")])
    await clerk.pay(2, [Part(first, "20"), Part(second, "30")])
    told = await clerk.ledger.allocations_for([first])
    assert sorted(facts.payment.number or "" for facts in told) == ["1", "2"]
    await clerk.void(1, "gone", day=date(2026, 3, 9), stamp=LATER)
    (left,) = await clerk.ledger.allocations_for([first])
    assert amounts(left) == {first: (Decimal(20), ZERO, ZERO), second: (Decimal(30), ZERO, ZERO)}


async def test_no_bill_has_no_allocations(clerk: Clerk) -> None:
    assert await clerk.ledger.allocations_for([]) == []
    assert await clerk.ledger.allocations_for(["unknown"]) == []
