"""A ledger's whole history, or much of it, in one pass: every row is read once, whatever can be looked up.

Many ledgers have no index on what a preset calls a payment's or a bill's id, so a million look-ups would be
a million passes.
"""

import pickle
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import Bill, PaymentBatch
from drawbridge.ledgers.progress import Change, Progress
from drawbridge.ledgers.reading import NO_ID, Raw, Read, read_bills, read_payments
from drawbridge.ledgers.rows import moment, text_of
from drawbridge.ledgers.sql.books import SqlBooks

ROWS = 2_000
"""So many rows are one batch, or a few more: a payment is never divided."""


class OnePass:
    """Reads payments in the order of their changes. What reverses and what is reversed comes first, together.

    Without a cursor every bill is told, too, before all payments.
    """

    def __init__(self, books: SqlBooks, zone: ZoneInfo, currency: str) -> None:
        self._books = books
        self._zone = zone
        self._currency = currency

    async def batches(self, cursor: datetime | None, since: datetime | None) -> AsyncIterator[PaymentBatch]:
        """Yield what changed since ``since``; no transaction is open in the ledger meanwhile."""
        if since is None:
            async for bills in self._bills():
                unreadable = tuple(bills.unreadable)
                yield PaymentBatch((), cursor, unreadable, tuple(bills.facts))
        progress = Progress(cursor)
        families = await self._books.reversed_families()
        apart = {raw["payment_id"] for raw in families}
        first = self._recent(families, since)
        progress.hold(stamp for stamp in self._stamps_of_unreadable(first) if stamp is not None)
        if first:
            read = read_payments(first, self._zone, self._currency)
            yield PaymentBatch(tuple(read.facts), cursor, tuple(read.unreadable))
        with TemporaryFile() as spool:
            await self._spool(since, spool)
            for rows in _spooled(spool):
                left = [raw for raw in rows if raw["payment_id"] not in apart]
                read = read_payments(left, self._zone, self._currency)
                reached = progress.after(self._changes(rows), _held(left, read))
                yield PaymentBatch(tuple(read.facts), reached, tuple(read.unreadable))

    async def _bills(self) -> AsyncIterator[Read[Bill]]:
        with TemporaryFile() as spool:
            async with aclosing(self._books.every_bill()) as stream:
                part: list[Raw] = []
                async for raw in stream:
                    part.append(raw)
                    if len(part) >= ROWS:
                        pickle.dump(part, spool)
                        part = []
                pickle.dump(part, spool)
            for rows in _spooled(spool):
                yield read_bills(rows, self._currency)

    async def _spool(self, since: datetime | None, spool: IO[bytes]) -> None:
        """Take all rows off the ledger at once: it is not kept waiting for what is done with them."""
        part: list[Raw] = []
        async with aclosing(self._books.in_order(since)) as stream:
            async for raw in stream:
                if len(part) >= ROWS and raw["payment_id"] != part[-1]["payment_id"]:
                    pickle.dump(part, spool)
                    part = []
                part.append(raw)
        pickle.dump(part, spool)

    def _changes(self, rows: Sequence[Raw]) -> list[Change]:
        return [
            Change(key, max((each for each in map(self._stamp, group) if each is not None), default=None))
            for key, group in groupby(rows, key=lambda raw: raw["payment_id"])
        ]

    def _recent(self, rows: Sequence[Raw], since: datetime | None) -> list[Raw]:
        """The families of which one row changed since then, or carries no stamp."""
        if since is None:
            return list(rows)
        keys = {text_of(raw["reversal_key"]) for raw in rows if self._is_recent(raw, since)}
        return [raw for raw in rows if text_of(raw["reversal_key"]) in keys]

    def _is_recent(self, raw: Raw, since: datetime) -> bool:
        stamp = self._stamp(raw)
        return stamp is None or stamp >= since

    def _stamps_of_unreadable(self, rows: Sequence[Raw]) -> Iterator[datetime | None]:
        bad = {each.id for each in read_payments(rows, self._zone, self._currency).unreadable}
        return (self._stamp(raw) for raw in rows if (text_of(raw["payment_id"]) or NO_ID) in bad)

    def _stamp(self, raw: Raw) -> datetime | None:
        try:
            return moment(raw["changed_at"], self._zone)
        except ValueError:
            return None  # the reading of the row complains


def _held(rows: Iterable[Raw], read: Read[object]) -> set[str | None]:
    """The ids, as the ledger has them, of what could not be read."""
    bad = {each.id for each in read.unreadable}
    return {raw["payment_id"] for raw in rows if (text_of(raw["payment_id"]) or NO_ID) in bad}


def _spooled(spool: IO[bytes]) -> Iterator[list[Raw]]:
    spool.seek(0)
    while True:
        try:
            rows: list[Raw] = pickle.load(spool)  # noqa: S301  # our own file, without a name
        except EOFError:
            return
        if rows:
            yield rows
