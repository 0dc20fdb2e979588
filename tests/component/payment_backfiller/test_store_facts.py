"""Readings of one ledger overlap: the one that asked it last is right, whichever is stored last."""

import datetime as dt
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import col

from drawbridge.ledgers import Allocation, Bill, LedgerPayment, PaymentFacts
from drawbridge.payment_backfiller.store.fact_tables import BillRow, PaymentRow
from drawbridge.payment_backfiller.store.write_tables import AllocationRow
from drawbridge.payment_backfiller.usecases.ask_ledger import LedgerFacts
from drawbridge.payment_backfiller.usecases.fact_rows import fact_rows
from drawbridge.payment_backfiller.usecases.store_facts import Touched, store_facts
from drawbridge.persistence import Database

EARLIER = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = EARLIER + timedelta(minutes=1)


def one_check(total: str, number: str, cash: str) -> tuple[Bill, PaymentFacts]:
    amount = Decimal(total)
    bill = Bill("b", "V-1", "7", amount, Decimal(0), amount, Decimal(0), False, "USD", None)  # noqa: FBT003  a tuple
    payment = LedgerPayment(
        "p", number, dt.date(2026, 2, 27), "check", None, "USD", "posted", "V-1", None, None, None
    )
    allocation = Allocation("p", "b", Decimal(cash), Decimal(0), Decimal(0), "USD")
    return bill, PaymentFacts(payment, (allocation,))


async def store_answer(
    store: Database, read_at: datetime, check: tuple[Bill, PaymentFacts] | None
) -> Touched:
    """One answer about all there is of the bill."""
    bills, payments = ([check[0]], [check[1]]) if check else ([], [])
    facts = LedgerFacts("books", read_at, bills, payments, complete_bills=["b"])
    async with store.transaction() as tx:
        return await store_facts(tx, "main", fact_rows("main", facts))


async def stored(store: Database) -> tuple[Decimal, bool, str | None, Decimal, bool]:
    async with store.transaction() as tx:
        statement = select(
            col(BillRow.total),
            col(BillRow.voided),
            col(PaymentRow.number),
            col(AllocationRow.cash),
            col(AllocationRow.gone),
        ).where(
            col(PaymentRow.id) == col(AllocationRow.payment_id), col(BillRow.id) == col(AllocationRow.bill_id)
        )
        total, voided, number, cash, gone = (await tx.session.execute(statement)).one()
        return total, voided, number, cash, gone


async def test_an_older_answer_never_takes_the_place_of_a_newer_one(store: Database) -> None:
    await store_answer(store, LATER, one_check("500", "1002", "450"))
    touched = await store_answer(store, EARLIER, one_check("400", "1001", "400"))
    assert not touched.changed
    assert await stored(store) == (Decimal(500), False, "1002", Decimal(450), False)


async def test_what_a_newer_answer_told_is_not_gone_for_an_older_one(store: Database) -> None:
    await store_answer(store, LATER, one_check("500", "1002", "450"))
    touched = await store_answer(store, EARLIER, None)
    assert not touched.changed
    assert await stored(store) == (Decimal(500), False, "1002", Decimal(450), False)


async def test_a_newer_answer_changes_what_differs_and_touches_nothing_else(store: Database) -> None:
    first = await store_answer(store, EARLIER, one_check("400", "1001", "400"))
    same = await store_answer(store, LATER, one_check("400", "1001", "400"))
    edited = await store_answer(store, LATER, one_check("400", "1002", "390"))
    assert (first.changed, same.changed, edited.changed) == ({"b"}, set(), {"b"})
    assert (first.bills, edited.bills) == ({"b"}, set())
    assert await stored(store) == (Decimal(400), False, "1002", Decimal(390), False)


async def test_what_the_newest_answer_lacks_is_marked_and_kept(store: Database) -> None:
    await store_answer(store, EARLIER, one_check("400", "1001", "400"))
    touched = await store_answer(store, LATER, None)
    assert touched.changed == {"b"}
    assert await stored(store) == (Decimal(400), True, "1001", Decimal(400), True)
