"""An accounting system that drops files."""

import csv
import json
import os
from datetime import date, datetime
from pathlib import Path

from drawbridge.ledgers import DropLedger, LedgerSource
from drawbridge.ledgers.drop.place import Place
from drawbridge.runtime import utc_now
from tests.factories.ledgers.clerk import VENDOR, Part, VoidShape

LONG_AGO = 1_700_000_000


def drop(folder: Path, name: str, rows: list[dict[str, str]]) -> Path:
    """Write a finished file: nobody has touched it for a long time."""
    path = folder / name
    if path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


class DropClerk:
    """Drops one file for each entry; a file gives its payments whole. Deletion is unknown."""

    void_shapes: frozenset[VoidShape] = frozenset({"state", "same", "new"})

    def __init__(self, folder: Path, suffix: str) -> None:
        self.ledger: LedgerSource = DropLedger(Place(folder), "USD", utc_now)
        self.folder = folder
        self._suffix = suffix
        self._rows: dict[int, list[dict[str, str]]] = {}
        self._count = 0

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        row = {"id": f"B-{number}", "vendor_code": VENDOR, "invoice_number": number, "total": total}
        self._drop("bills", [{**row, "paid": "0", "balance": total, "retainage": retainage}])
        return f"B-{number}"

    async def pay(
        self,
        number: int,
        parts: list[Part],
        *,
        day: date = date(2026, 3, 1),
        stamp: datetime | None = None,
    ) -> None:
        del stamp  # a file is stamped when it is taken
        self._rows[number] = self._lines(f"P-{number}", number, parts, day)
        self._drop("payments", self._rows[number])

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        del stamp
        rows = self._rows[number]
        back = [Part(row["bill_id"], row["cash"], row["discount"], row["credit"]).negated() for row in rows]
        if shape == "state":
            self._drop("payments", [{**row, "state": "voided"} for row in rows])
        elif shape == "same":
            self._drop("payments", [*rows, *self._lines(f"P-{number}", number, back, day)])
        else:
            self._drop("payments", self._lines(f"V-{number}", number, back, day))

    async def spoil(self, number: int) -> None:
        self._drop("payments", [{**row, "method": "barter"} for row in self._rows[number]])

    async def mend(self, number: int) -> None:
        self._drop("payments", self._rows[number])

    async def close(self) -> None:
        await self.ledger.close()

    def _lines(self, payment_id: str, number: int, parts: list[Part], day: date) -> list[dict[str, str]]:
        return [
            {
                "payment_id": payment_id,
                "number": str(number),
                "date": day.isoformat(),
                "method": "check",
                "vendor_code": VENDOR,
                "bill_id": part.bill_id,
                "cash": part.cash,
                "discount": part.discount,
                "credit": part.credit,
                "reversal_key": f"{VENDOR}/{number}",
            }
            for part in parts
        ]

    def _drop(self, kind: str, rows: list[dict[str, str]]) -> None:
        self._count += 1
        drop(self.folder, f"{kind}-{self._count:04}.{self._suffix}", rows)
