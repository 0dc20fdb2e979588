"""A ledger in a SQL database, read through a preset in read-only transactions."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from drawbridge.ledgers.columns import moment
from drawbridge.ledgers.facts import (
    Bill,
    BillKey,
    Capabilities,
    PaymentBatch,
    PaymentFacts,
    Sample,
    Unreadable,
)
from drawbridge.ledgers.progress import Change, Progress, told
from drawbridge.ledgers.reading import Read, read_bills, read_payments, unreadable_payment
from drawbridge.ledgers.sql.books import SqlBooks
from drawbridge.ledgers.sql.looking_up import KEYS_PER_QUERY
from drawbridge.ledgers.sql.one_pass import OnePass
from drawbridge.ledgers.sql.preset import Preset
from drawbridge.ledgers.sql.trying import try_reading
from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.texts import text_of


class SqlLedger:
    """`LedgerSource` over SQL. ``url`` is an async SQLAlchemy URL; ``zone`` is the ledger machine's."""

    def __init__(self, url: SecretStr, preset: Preset, zone: ZoneInfo, currency: str) -> None:
        self._books = SqlBooks(url, preset, zone)
        self._preset = preset
        self._zone = zone
        self._currency = currency

    @property
    def name(self) -> str:
        """The preset's title."""
        return self._preset.title

    @property
    def capabilities(self) -> Capabilities:
        """As the preset says."""
        return Capabilities(self._preset.invoice_number_length)

    async def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """Read what changed: a little payment by payment, much in one pass (see `OnePass`).

        A change between list and reading is told twice, now and next time: the cursor follows the list.
        """
        since = None if cursor is None else cursor - overlap
        if since is None or await self._books.are_many(since):
            one_pass = OnePass(self._books, self._zone, self._currency)
            async for batch in one_pass.batches(cursor, since):
                yield batch
            return
        rows = await self._books.changes(since)
        changes = sorted((_change(row, self._zone) for row in rows), key=lambda each: each.order)
        seen: set[str] = set()
        progress = Progress(cursor)
        for part in batched(changes, KEYS_PER_QUERY):
            read = await self._families([each.id for each in part if each.id])
            nameless = [
                unreadable_payment(None, each.bill_ids, "payment_id is empty") for each in part if not each.id
            ]
            unreadable = [*nameless, *(each for each in read.unreadable if each.id not in seen)]
            facts = tuple(entry for entry in read.facts if entry.payment.id not in seen)
            seen |= {entry.payment.id for entry in facts} | {each.id for each in read.unreadable}
            reached = progress.after(part, {each.id for each in unreadable})
            yield PaymentBatch(facts, reached, tuple(unreadable))

    async def allocations_for(
        self, bill_ids: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[PaymentFacts]:
        """Return every payment that touches these bills, complete."""
        facts: dict[str, PaymentFacts] = {}
        for chunk in _chunks(bill_ids):
            read = read_payments(await self._books.families("bill_id", chunk), self._zone, self._currency)
            facts |= {entry.payment.id: entry for entry in told(read, unreadable)}
        return list(facts.values())

    async def bills(self, keys: Sequence[BillKey], unreadable: list[Unreadable] | None = None) -> list[Bill]:
        """Return the bills that fit at least one key."""
        wanted = {(key.vendor_code, self._cut(key.invoice_number)) for key in keys if key.invoice_number}
        found: dict[str, Bill] = {}
        for entry in await self._bills("id", [key.bill_id for key in keys if key.bill_id], unreadable):
            found[entry.id] = entry
        numbers = [number for vendor, number in wanted if vendor]
        for entry in await self._bills("invoice_number", numbers, unreadable):
            if (entry.vendor_code, entry.invoice_number) in wanted:
                found[entry.id] = entry
        return list(found.values())

    async def bills_of_vendors(
        self, vendor_codes: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[Bill]:
        """Return all bills of these vendors."""
        return await self._bills("vendor_code", vendor_codes, unreadable)

    async def check(self, show: int = 5) -> Sample:
        """Stream through everything once, and keep the first of it and every complaint."""
        return await try_reading(self._books, self._zone, self._currency, show)

    async def rest(self) -> None:
        """Close the connections that are not being used."""
        await self._books.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._books.close()

    async def _families(self, payment_ids: list[str]) -> Read[PaymentFacts]:
        rows = await self._books.families("payment_id", payment_ids) if payment_ids else []
        return read_payments(rows, self._zone, self._currency)

    async def _bills(
        self, column: str, values: Sequence[str], unreadable: list[Unreadable] | None
    ) -> list[Bill]:
        found: list[Bill] = []
        for chunk in _chunks(values):
            found += told(read_bills(await self._books.bills(column, chunk), self._currency), unreadable)
        return found

    def _cut(self, number: str | None) -> str:
        return (number or "").strip()[: self._preset.invoice_number_length].strip()


def _change(row: Raw, zone: ZoneInfo) -> Change:
    try:
        stamp = moment(row["changed_at"], zone)
    except ValueError:
        stamp = None  # the reading of the row will complain
    payment_id, bill_id = row["payment_id"], text_of(row["bill_id"])
    return Change(
        None if payment_id is None else str(payment_id), stamp, (bill_id,) if bill_id is not None else ()
    )


def _chunks(values: Sequence[str]) -> Iterator[list[str]]:
    return (list(chunk) for chunk in batched(dict.fromkeys(values), KEYS_PER_QUERY))
