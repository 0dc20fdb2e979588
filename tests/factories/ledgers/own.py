"""Books of nobody's making, read with a preset of one's own."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from drawbridge.ledgers import LedgerSource
from tests.factories.ledgers.clerk import VENDOR, Part, VoidShape
from tests.factories.ledgers.tables import Tables

PRESET = """
title: Own books
payment_rows: |
  SELECT payment_id, number, paid_on AS date, method, bank AS bank_account, state, vendor AS vendor_code,
         payee, NULL AS joint_payee, stamp AS changed_at, bill_id, cash, discount, credit,
         CONCAT(vendor, '/', number) AS reversal_key
  FROM pay
bills: |
  SELECT id, vendor AS vendor_code, number AS invoice_number, total, 0 AS paid, total AS balance, retainage,
         0 AS voided, NULL AS date
  FROM bill
"""


def own_preset(folder: Path) -> str:
    """Write the preset's file; gives its path."""
    path = folder / "own.yaml"
    path.write_text(PRESET, encoding="utf-8")
    return str(path)


class OwnClerk:
    """Knows all four shapes of a void."""

    void_shapes: frozenset[VoidShape] = frozenset({"state", "same", "new", "gone"})

    def __init__(self, tables: Tables, ledger: LedgerSource) -> None:
        self.ledger = ledger
        self.tables = tables
        self._parts: dict[int, list[Part]] = {}

    async def create(self) -> None:
        await self.create_tables(self.tables)

    @staticmethod
    async def create_tables(tables: Tables) -> None:
        await tables.execute(
            "CREATE TABLE pay (payment_id text, number text, paid_on date, method text, bank text,"
            f" state text, vendor text, payee text, stamp {tables.timestamp}, bill_id text,"
            " cash numeric(14, 2),"
            " discount numeric(14, 2), credit numeric(14, 2))"
        )
        await tables.execute(
            "CREATE TABLE bill (id text, vendor text, number text, total numeric(14, 2),"
            " retainage numeric(14, 2))"
        )

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        await self.tables.insert(
            "bill",
            id=f"B-{number}",
            vendor=VENDOR,
            number=number,
            total=Decimal(total),
            retainage=Decimal(retainage),
        )
        return f"B-{number}"

    async def pay(
        self,
        number: int,
        parts: list[Part],
        *,
        day: date = date(2026, 3, 1),
        stamp: datetime | None = datetime(2026, 3, 1, 9),  # noqa: DTZ001  a ledger's local time
    ) -> None:
        self._parts[number] = parts
        await self._rows(f"P-{number}", number, parts, day, stamp)

    async def _rows(
        self, payment_id: str, number: int, parts: list[Part], day: date, stamp: datetime | None
    ) -> None:
        for part in parts:
            await self.tables.insert(
                "pay",
                payment_id=payment_id,
                number=str(number),
                paid_on=day,
                method="check",
                bank="OPER",
                state="posted",
                vendor=VENDOR,
                payee="Acme Steel",
                stamp=stamp,
                bill_id=part.bill_id,
                cash=Decimal(part.cash),
                discount=Decimal(part.discount),
                credit=Decimal(part.credit),
            )

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        if shape == "state":
            await self.tables.execute(
                "UPDATE pay SET state = 'voided', stamp = :stamp WHERE number = :number",
                number=str(number),
                stamp=stamp,
            )
        elif shape == "gone":
            await self.tables.execute("DELETE FROM pay WHERE number = :number", number=str(number))
        else:
            payment_id = f"P-{number}" if shape == "same" else f"V-{number}"
            back = [part.negated() for part in self._parts[number]]
            await self._rows(payment_id, number, back, day, stamp)

    async def spoil(self, number: int) -> None:
        await self._method(number, "barter")

    async def mend(self, number: int) -> None:
        await self._method(number, "check")

    async def _method(self, number: int, method: str) -> None:
        await self.tables.execute(
            "UPDATE pay SET method = :method WHERE number = :number", method=method, number=str(number)
        )

    async def close(self) -> None:
        await self.ledger.close()
        await self.tables.close()
