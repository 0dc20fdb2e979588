"""Readings of one ledger overlap: the one that asked it last is right, whichever is stored last."""

import datetime as dt
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from drawbridge.ledgers import Allocation, Bill, LedgerPayment, PaymentFacts
from drawbridge.payment_backfiller.store.fact_tables import BillRow, PaymentRow
from drawbridge.payment_backfiller.store.write_tables import AllocationRow
from drawbridge.payment_backfiller.usecases.ask_ledger import LedgerFacts
from drawbridge.payment_backfiller.usecases.fact_rows import fact_rows
from drawbridge.payment_backfiller.usecases.store_facts import Touched, store_facts
from drawbridge.persistence import Database
from tests.factories.invoice_rows import invoice_row

EARLIER = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = EARLIER + timedelta(minutes=1)
INVOICE = UUID("5a0f5e0e-1d4b-4c43-8a0e-6f1d2a7c9b10")


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


def numbered(bill_id: str, number: str) -> Bill:
    bill, _ = one_check("100", "1001", "100")
    return bill._replace(id=bill_id, invoice_number=number)


async def store_bills(store: Database, read_at: datetime, *bills: Bill) -> Touched:
    facts = LedgerFacts("books", read_at, bills, [])
    async with store.transaction() as tx:
        return await store_facts(tx, "main", fact_rows("main", facts))


async def store_invoice(store: Database) -> None:
    async with store.transaction() as tx:
        tx.session.add(invoice_row(INVOICE, "V-1", "7"))


async def test_a_new_bill_is_stored_with_its_plain_tie_and_is_to_be_settled(store: Database) -> None:
    await store_invoice(store)
    touched = await store_bills(store, EARLIER, numbered("b", "7"), numbered("other", "8"))
    assert set(touched.tied) == set(touched.known.tied) == set(touched.known.unsettled) == {"b"}
    async with store.reading() as session:
        tie = await session.execute(
            text("SELECT invoice_id, match_key, evidence, unsettled FROM bills WHERE id = 'b'")
        )
    words = "Vendor V-1 and invoice number 7 are the same in both."
    assert tuple(tie.one()) == (INVOICE, "invoice_number", words, True)


async def test_a_new_bill_is_not_tied_at_once_where_a_changed_one_claims_the_same(
    store: Database,
) -> None:
    await store_invoice(store)
    await store_bills(store, EARLIER, numbered("old", "8"))
    touched = await store_bills(store, LATER, numbered("old", "7"), numbered("new", "7"))
    assert not touched.tied
    assert touched.changed == {"old", "new"}


async def test_a_payment_of_a_bill_that_is_not_stored_leaves_no_allocation(store: Database) -> None:
    _, payment = one_check("400", "1001", "400")
    facts = LedgerFacts("books", EARLIER, [], [payment])
    async with store.transaction() as tx:
        await store_facts(tx, "main", fact_rows("main", facts))
    async with store.reading() as session:
        counted = await session.execute(
            text("SELECT (SELECT count(*) FROM ledger_payments), (SELECT count(*) FROM allocations)")
        )
    assert tuple(counted.one()) == (1, 0)
