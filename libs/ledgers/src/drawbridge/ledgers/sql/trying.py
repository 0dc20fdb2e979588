"""A trial reading of a SQL ledger: everything is streamed once, nothing is kept but the first and the bad."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import islice
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import Bill, Sample, Unreadable
from drawbridge.ledgers.reading import bills_of, read_bills, read_payments, unreadable_payment
from drawbridge.ledgers.rows import UnreadableRow, payment_rows
from drawbridge.ledgers.sql.books import SqlBooks
from drawbridge.ledgers.table import Raw, Table
from drawbridge.ledgers.texts import text_of


async def try_reading(books: SqlBooks, zone: ZoneInfo, currency: str, show: int) -> Sample:
    """Read every row of both queries by itself; then the first payments as a job would read them."""
    payment_rows, first_ids, complaints = await _payments(books, zone, currency, show)
    bill_rows, first_bills, bad_bills = await _bills(books, currency, show)
    read = read_payments(await books.families("payment_id", first_ids) if first_ids else [], zone, currency)
    return Sample(
        payment_rows=payment_rows,
        bill_rows=bill_rows,
        payments=tuple(islice(read.facts, show)),
        bills=tuple(first_bills),
        unreadable=(*complaints, *bad_bills),
    )


async def _payments(
    books: SqlBooks, zone: ZoneInfo, currency: str, show: int
) -> tuple[int, list[str], list[Unreadable]]:
    count, first, complaints = 0, dict[str, None](), list[Unreadable]()
    async with aclosing(books.every_payment_row()) as parts:
        async for raw in _each(parts):
            count += 1
            try:
                payment_rows([raw], zone, currency)
            except UnreadableRow as error:
                complaints.append(unreadable_payment(text_of(raw["payment_id"]), bills_of([raw]), str(error)))
            else:
                if len(first) < show:
                    first[raw["payment_id"]] = None
    return count, list(first), complaints


async def _bills(books: SqlBooks, currency: str, show: int) -> tuple[int, list[Bill], list[Unreadable]]:
    count, first, complaints = 0, list[Bill](), list[Unreadable]()
    async with aclosing(books.every_bill()) as parts:
        async for raw in _each(parts):
            count += 1
            read = read_bills([raw], currency)
            complaints += read.unreadable
            first += read.facts if len(first) < show else []
    return count, first, complaints


async def _each(parts: AsyncIterator[Table]) -> AsyncIterator[Raw]:
    async for part in parts:
        for raw in part:
            yield raw
