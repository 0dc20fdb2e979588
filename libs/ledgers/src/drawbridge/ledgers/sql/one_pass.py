"""A ledger's whole history, or much of it, in one pass: every row is read once, whatever can be looked up.

Many ledgers have no index on what a preset calls a payment's or a bill's id, so a million look-ups would be
a million passes.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from drawbridge.ledgers.columns import moment
from drawbridge.ledgers.facts import PaymentBatch
from drawbridge.ledgers.progress import Change, Progress
from drawbridge.ledgers.reading import read_bills, read_payments
from drawbridge.ledgers.sql.books import SqlBooks
from drawbridge.ledgers.sql.spool import Spool
from drawbridge.ledgers.table import Raw, Table, column_of
from drawbridge.ledgers.texts import reported_id, text_of
from drawbridge.runtime import utc_now

ROWS = 5_000
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
        """Yield what changed since ``since``.

        No transaction in the ledger lasts longer for what is done with a batch. Payments are taken off it
        while bills are told; rows become facts in a thread, while the event loop stores those before them.
        """
        read_at = utc_now()
        with Spool(ROWS) as bills, Spool(ROWS) as payments:
            if since is None:
                await self._spool(self._books.every_bill(), bills)
            filling = asyncio.create_task(
                self._spool(self._books.in_order(since), payments, together="payment_id")
            )
            try:
                async for batch in self._told(cursor, since, bills, payments, filling):
                    yield replace(batch, read_at=read_at)
            finally:
                filling.cancel()
                await asyncio.gather(filling, return_exceptions=True)

    async def _told(
        self,
        cursor: datetime | None,
        since: datetime | None,
        bills: Spool,
        payments: Spool,
        filling: asyncio.Task[None],
    ) -> AsyncIterator[PaymentBatch]:
        while rows := await asyncio.to_thread(bills.next):
            told = await asyncio.to_thread(read_bills, rows, self._currency)
            yield PaymentBatch((), cursor, tuple(told.unreadable), tuple(told.facts))
        progress = Progress(cursor)
        families = await self._books.reversed_families()
        apart = {raw["payment_id"] for raw in families}
        first = self._recent(families, since)
        progress.hold(stamp for stamp in self._stamps_of_unreadable(first) if stamp is not None)
        if first:
            read = read_payments(first, self._zone, self._currency)
            yield PaymentBatch(tuple(read.facts), cursor, tuple(read.unreadable))
        await filling
        while batch := await asyncio.to_thread(self._next, payments, apart, progress):
            yield batch

    async def _spool(
        self, stream: AsyncGenerator[Table], spool: Spool, *, together: str | None = None
    ) -> None:
        async with aclosing(stream):
            await spool.fill(stream, together=together)

    def _next(self, spool: Spool, apart: AbstractSet[str], progress: Progress) -> PaymentBatch | None:
        rows = spool.next()
        if not rows:
            return None
        ids = column_of(rows, "payment_id")
        left = rows if apart.isdisjoint(ids) else rows.where([each not in apart for each in ids])
        read = read_payments(left, self._zone, self._currency)
        changes = self._changes(rows) if read.unreadable else [self._latest(rows)]
        reached = progress.after(changes, {each.id for each in read.unreadable})
        return PaymentBatch(tuple(read.facts), reached, tuple(read.unreadable))

    def _latest(self, rows: Sequence[Raw]) -> Change:
        """The one change that counts where all could be read."""
        known = map(self._stamp, set(column_of(rows, "changed_at")))
        return Change(None, max(filter(None, known), default=None))

    def _changes(self, rows: Sequence[Raw]) -> list[Change]:
        stamps = {value: self._stamp(value) for value in set(column_of(rows, "changed_at"))}
        changed = zip(column_of(rows, "payment_id"), column_of(rows, "changed_at"), strict=True)
        changes = []
        for key, group in groupby(changed, key=itemgetter(0)):
            known = [stamp for _, value in group if (stamp := stamps[value]) is not None]
            changes.append(Change(key, max(known, default=None)))
        return changes

    def _recent(self, rows: Sequence[Raw], since: datetime | None) -> list[Raw]:
        """The families of which one row changed since then, or carries no stamp."""
        if since is None:
            return list(rows)
        keys = {text_of(raw["reversal_key"]) for raw in rows if self._is_recent(raw, since)}
        return [raw for raw in rows if text_of(raw["reversal_key"]) in keys]

    def _is_recent(self, raw: Raw, since: datetime) -> bool:
        stamp = self._stamp(raw["changed_at"])
        return stamp is None or stamp >= since

    def _stamps_of_unreadable(self, rows: Sequence[Raw]) -> Iterator[datetime | None]:
        bad = {each.id for each in read_payments(rows, self._zone, self._currency).unreadable}
        return (self._stamp(raw["changed_at"]) for raw in rows if reported_id(raw["payment_id"]) in bad)

    def _stamp(self, value: object) -> datetime | None:
        try:
            return moment(value, self._zone)
        except ValueError:
            return None  # the reading of the row complains
