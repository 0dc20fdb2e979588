"""The drop folder as a ledger: files are taken into SQLite books, which are read like any SQL ledger."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy.engine import URL

from drawbridge.contracts.errors import Retryable
from drawbridge.ledgers.drop.books import PRESET
from drawbridge.ledgers.drop.folder import BOOKS, rehearse, take_in
from drawbridge.ledgers.drop.place import Place
from drawbridge.ledgers.facts import (
    Bill,
    BillKey,
    Capabilities,
    PaymentBatch,
    PaymentFacts,
    Sample,
    Unreadable,
)
from drawbridge.ledgers.sql.address import ledger_address
from drawbridge.ledgers.sql.ledger import SqlLedger

_UTC = ZoneInfo("UTC")


class DropLedger:
    """`LedgerSource` over a folder, local or not.

    Stamps are the times when files were taken, so none is ever passed over. ``clock`` gives the time in UTC.
    """

    name = PRESET.title
    capabilities = Capabilities()

    def __init__(
        self, folder: Place, currency: str, clock: Callable[[], datetime], books: Path | None = None
    ) -> None:
        """``books`` is a local folder for what was taken; without one it is the drop folder itself."""
        where = books or folder.local
        if where is None:
            raise ValueError("a folder that is not on a local disk needs another one for the books")
        self._folder = folder
        self._currency = currency
        self._clock = clock
        self._path = where / BOOKS
        self._books = _open(self._path, currency)

    async def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """Take what was dropped, then yield what changed; refused files come first."""
        refused = await self._take_in()
        if refused:
            yield PaymentBatch((), cursor, tuple(refused))
        async for batch in self._books.payments_changed_since(cursor, overlap):
            yield batch

    async def allocations_for(
        self, bill_ids: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[PaymentFacts]:
        """Return every payment that touches these bills, as the latest file gave it."""
        await self._take_in(unreadable)
        return await self._books.allocations_for(bill_ids, unreadable)

    async def bills(self, keys: Sequence[BillKey], unreadable: list[Unreadable] | None = None) -> list[Bill]:
        """Return the bills that fit at least one key."""
        await self._take_in(unreadable)
        return await self._books.bills(keys, unreadable)

    async def bills_of_vendors(
        self, vendor_codes: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[Bill]:
        """Return all bills of these vendors."""
        await self._take_in(unreadable)
        return await self._books.bills_of_vendors(vendor_codes, unreadable)

    async def check(self, show: int = 5) -> Sample:
        """Try the waiting files on a copy of the books; nothing in the folder is touched."""
        with TemporaryDirectory() as place:
            copy = Path(place) / BOOKS
            if self._path.exists():
                shutil.copyfile(self._path, copy)
            refused = await asyncio.to_thread(_work, rehearse, self._folder, copy, self._clock())
            books = _open(copy, self._currency)
            sample = await books.check(show)
            await books.close()
        return replace(sample, unreadable=(*refused, *sample.unreadable))

    async def rest(self) -> None:
        """Do nothing: files are closed after each reading."""

    async def close(self) -> None:
        """Close all connections."""
        await self._books.close()

    async def _take_in(self, unreadable: list[Unreadable] | None = None) -> list[Unreadable]:
        refused = await asyncio.to_thread(_work, take_in, self._folder, self._path, self._clock())
        if unreadable is not None:
            unreadable += refused
        return refused


def _open(path: Path, currency: str) -> SqlLedger:
    url = URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
    return SqlLedger(ledger_address(SecretStr(url)), PRESET, _UTC, currency)


def _work(
    take: Callable[[Place, Path, datetime], list[Unreadable]], folder: Place, books: Path, now: datetime
) -> list[Unreadable]:
    try:
        return take(folder, books, now)
    except (OSError, sqlite3.Error) as error:
        raise Retryable(
            f"The drop folder could not be worked on ({type(error).__name__}).",
            code="ledger_unreachable",
            advice="Let payment-backfiller write to the folder, and keep the books on a local disk.",
        ) from None
