"""Checks and electronic payments: one over several bills of a vendor, and voids in two shapes."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.sandbox.ledger.bills import settle
from drawbridge.sandbox.ledger.books import Books

if TYPE_CHECKING:
    from drawbridge.sandbox.ledger.books import Connection

ZERO = Decimal(0)

LIVE = """
SELECT p.lgrrec FROM dbo.acppmt p JOIN dbo.lgrtrn t ON t.recnum = p.lgrrec
WHERE p.chknum = $1 AND ($2::text IS NULL OR t.bnkact = $2)
GROUP BY p.lgrrec, p._idref
HAVING sum(p.amount) <> 0 OR sum(p.dsctkn) <> 0 OR sum(p.aplcrd) <> 0
ORDER BY p.lgrrec DESC LIMIT 1
"""
BILL = "SELECT vndnum, invbal FROM dbo.acpinv WHERE _idnum = $1 FOR UPDATE"
LEDGER_RECORD = """
INSERT INTO dbo.lgrtrn (recnum, trnnum, trndte, bnkact, insdte)
VALUES (nextval('dbo.lgrrec_seq'), $1, $2, $3, $4) RETURNING recnum
"""
ALLOCATION = """
INSERT INTO dbo.acppmt (_idref, chknum, chkdte, amount, dsctkn, aplcrd, achbch, lgrrec, insdte, upddte)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
"""
ROWS = "SELECT * FROM dbo.acppmt WHERE lgrrec = $1 FOR UPDATE"
PAYMENTS = """
SELECT p.recnum, p.lgrrec AS ledger_record, p.chknum AS check_number, p.chkdte AS date, t.bnkact AS bank,
    v.shtnme AS vendor_code, p._idref AS bill_id, i.invnum AS invoice_number, p.amount,
    p.dsctkn AS discount, p.aplcrd AS credit, p.achbch AS ach_batch
FROM dbo.acppmt p
JOIN dbo.acpinv i ON i._idnum = p._idref
JOIN dbo.actpay v ON v.recnum = i.vndnum
JOIN dbo.lgrtrn t ON t.recnum = p.lgrrec
ORDER BY p.recnum
"""


class Refusal(Exception):
    """The clerk says no; the text says why. ``status`` is the HTTP status of the answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Pay(BaseModel):
    """What a check pays on one bill; without an amount, all that is open less the discount and credit."""

    model_config = ConfigDict(extra="forbid")

    bill_id: int
    amount: Decimal | None = None
    discount: Decimal = ZERO
    credit: Decimal = ZERO


class Check(BaseModel):
    """A check over one or more bills of one vendor; with an ``ach_batch`` it is an electronic payment."""

    model_config = ConfigDict(extra="forbid")

    check_number: str
    date: date
    bank: str = "1010"
    ach_batch: int | None = None
    pays: list[Pay] = Field(min_length=1)


async def write_check(books: Books, check: Check) -> dict[str, Any]:
    """Write and post a check. Raises `Refusal` 404 (no such bill), 409 (number in use), 422 (two vendors)."""
    async with books.transaction() as connection:
        if await connection.fetchval(LIVE, check.check_number, check.bank):
            raise Refusal(409, f"Check {check.check_number} of bank {check.bank} is already written.")
        pays = await _agreed(connection, check.pays)
        record = await connection.fetchval(
            LEDGER_RECORD, check.check_number, check.date, check.bank, books.stamp()
        )
        for pay in pays:
            await _allocate(books, connection, check, record, pay)
    return {
        "check_number": check.check_number,
        "ledger_record": record,
        "total": sum((pay.amount for pay in pays if pay.amount is not None), ZERO),
        "pays": [pay.model_dump() for pay in pays],
    }


async def _agreed(connection: "Connection", pays: list[Pay]) -> list[Pay]:
    agreed, vendors = [], set()
    for pay in pays:
        bill = await connection.fetchrow(BILL, pay.bill_id)
        if bill is None:
            raise Refusal(404, f"There is no bill {pay.bill_id}.")
        vendors.add(bill["vndnum"])
        whole = bill["invbal"] - pay.discount - pay.credit
        agreed.append(pay.model_copy(update={"amount": whole if pay.amount is None else pay.amount}))
    if len(vendors) > 1:
        raise Refusal(422, "One check pays one vendor: these bills are of several.")
    return agreed


async def _allocate(books: Books, connection: "Connection", check: Check, record: int, pay: Pay) -> None:
    amount = pay.amount or ZERO
    await connection.execute(
        ALLOCATION,
        pay.bill_id,
        check.check_number,
        check.date,
        amount,
        pay.discount,
        pay.credit,
        check.ach_batch,
        record,
        books.stamp(),
    )
    await settle(books, connection, pay.bill_id, amount + pay.discount + pay.credit)


async def void_check(
    books: Books, number: str, shape: Literal["delete", "reversal"], bank: str | None = None
) -> dict[str, Any]:
    """Void the newest live check with this number; its bills are open again. Raises `Refusal` 404.

    ``delete`` removes the rows, so that nothing is left to see; ``reversal`` adds negative rows
    under the same ledger record.
    """
    async with books.transaction() as connection:
        record = await connection.fetchval(LIVE, number, bank)
        if record is None:
            raise Refusal(404, f"There is no live check {number}.")
        rows = await connection.fetch(ROWS, record)
        if shape == "delete":
            await connection.execute("DELETE FROM dbo.acppmt WHERE lgrrec = $1", record)
        for row in rows:
            if shape == "reversal":
                await _reverse(books, connection, row)
            await settle(books, connection, row["_idref"], -(row["amount"] + row["dsctkn"] + row["aplcrd"]))
    return {"check_number": number, "ledger_record": record, "shape": shape, "rows": len(rows)}


async def _reverse(books: Books, connection: "Connection", row: Any) -> None:  # noqa: ANN401 - a record of asyncpg
    stamp = books.stamp()
    await connection.execute(
        ALLOCATION,
        row["_idref"],
        row["chknum"],
        stamp.date(),
        -row["amount"],
        -row["dsctkn"],
        -row["aplcrd"],
        row["achbch"],
        row["lgrrec"],
        stamp,
    )


async def list_payments(books: Books) -> list[dict[str, Any]]:
    """Every row of every check, voids by reversal included, oldest first."""
    async with books.transaction() as connection:
        return [dict(row) for row in await connection.fetch(PAYMENTS)]
