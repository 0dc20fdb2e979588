"""The clerk of Sage 100 Contractor."""

from datetime import date, datetime
from decimal import Decimal

import asyncpg

from drawbridge.ledgers import LedgerSource
from tests.factories.ledgers.clerk import VENDOR, Part, VoidShape
from tests.factories.sage import SageBooks


class Sage100Clerk:
    """Voids by negative rows or deletion; there is no state."""

    void_shapes: frozenset[VoidShape] = frozenset({"same", "new", "gone"})

    def __init__(self, connection: asyncpg.Connection, ledger: LedgerSource) -> None:
        self.ledger = ledger
        self._connection = connection
        self._books = SageBooks(connection)
        self._parts: dict[int, list[Part]] = {}
        self._next_bill = 0

    async def create(self) -> None:
        await self._books.create()
        await self._books.vendor(7, VENDOR)

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        self._next_bill += 1
        await self._books.bill(self._next_bill, 7, number, open_=total, retain=retainage)
        return str(self._next_bill)

    async def pay(
        self,
        number: int,
        parts: list[Part],
        *,
        day: date = date(2026, 3, 1),
        stamp: datetime | None = datetime(2026, 3, 1, 9),  # noqa: DTZ001  a ledger's local time
    ) -> None:
        self._parts[number] = parts
        await self._rows(number, number, parts, day, stamp)

    async def _rows(
        self, record: int, number: int, parts: list[Part], day: date, stamp: datetime | None
    ) -> None:
        for part in parts:
            await self._books.payment(
                int(part.bill_id),
                part.cash,
                check=str(number),
                day=day,
                lgrrec=record,
                discount=part.discount,
                credit=part.credit,
                stamp=stamp,
            )

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        if shape == "gone":
            await self._connection.execute("DELETE FROM dbo.acppmt WHERE chknum = $1", str(number))
            return
        record = number if shape == "same" else number + 90000
        await self._rows(record, number, [part.negated() for part in self._parts[number]], day, stamp)

    async def spoil(self, number: int) -> None:
        await self._discount(number, Decimal("NaN"))

    async def mend(self, number: int) -> None:
        await self._discount(number, Decimal(0))

    async def _discount(self, number: int, discount: Decimal) -> None:
        await self._connection.execute(
            "UPDATE dbo.acppmt SET dsctkn = $1 WHERE chknum = $2", discount, str(number)
        )

    async def close(self) -> None:
        await self.ledger.close()
        await self._connection.close()
