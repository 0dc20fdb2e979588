"""Bills: posted once for each AP invoice, replaced by a higher revision."""

from typing import TYPE_CHECKING, Any

from drawbridge.sandbox.ledger.books import Books
from drawbridge.sandbox.ledger.events import InvoiceProcessed
from drawbridge.sandbox.ledger.tables import INVOICE_NUMBER_LENGTH

if TYPE_CHECKING:
    from drawbridge.sandbox.ledger.books import Connection

POSTED = """
SELECT bill_id, revision FROM clerk.posted WHERE invoice_id = $1
"""
VENDOR = """
INSERT INTO dbo.actpay (shtnme, vndnme) VALUES ($1, $2)
ON CONFLICT (shtnme) DO UPDATE SET shtnme = excluded.shtnme
RETURNING recnum
"""
NEW_BILL = """
INSERT INTO dbo.acpinv (invnum, vndnum, jobnum, invdte, duedte, invbal, status, insdte, upddte)
VALUES ($1, $2, $3, $4, $5, $6::numeric, CASE WHEN $6::numeric = 0 THEN 4 ELSE 1 END, $7, $7)
RETURNING _idnum
"""
REPLACED_BILL = """
UPDATE dbo.acpinv
SET invnum = $1, vndnum = $2, jobnum = $3, invdte = $4, duedte = $5, invbal = $6::numeric - amtpad,
    status = CASE WHEN $6 = amtpad THEN 4 ELSE 1 END, upddte = $7
WHERE _idnum = $8
"""
REMEMBERED = """
INSERT INTO clerk.posted (invoice_id, vault_id, revision, bill_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (invoice_id) DO UPDATE SET revision = excluded.revision, posted_at = now()
"""
SETTLED = """
UPDATE dbo.acpinv
SET amtpad = amtpad + $2::numeric, invbal = invbal - $2,
    status = CASE WHEN invbal - $2 = 0 THEN 4 ELSE 1 END, upddte = $3
WHERE _idnum = $1
"""
BILLS = """
SELECT i._idnum AS bill_id, v.shtnme AS vendor_code, v.vndnme AS vendor_name, i.invnum AS invoice_number,
    i.invdte AS date, i.duedte AS due_date, i.amtpad + i.invbal AS total, i.amtpad AS paid,
    i.invbal AS balance, i.status, p.invoice_id, p.vault_id, p.revision
FROM dbo.acpinv i
JOIN dbo.actpay v ON v.recnum = i.vndnum
LEFT JOIN clerk.posted p ON p.bill_id = i._idnum
WHERE $1::text IS NULL OR p.invoice_id = $1
ORDER BY i._idnum
"""


async def post_bill(books: Books, event: InvoiceProcessed) -> int:
    """Post the invoice's bill, or replace it by a higher revision; gives the bill's id.

    A repeat and an older revision change nothing.
    """
    async with books.transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", event.invoice_id)
        posted = await connection.fetchrow(POSTED, event.invoice_id)
        if posted and posted["revision"] >= event.revision:
            return int(posted["bill_id"])
        vendor = await connection.fetchval(VENDOR, event.vendor_code, event.header.vendor.name)
        members = _members(books, event, vendor)
        if posted:
            bill_id = int(posted["bill_id"])
            await connection.execute(REPLACED_BILL, *members, bill_id)
        else:
            bill_id = int(await connection.fetchval(NEW_BILL, *members))
        await connection.execute(REMEMBERED, event.invoice_id, event.vault_id, event.revision, bill_id)
        return bill_id


def _members(books: Books, event: InvoiceProcessed, vendor: int) -> tuple[Any, ...]:
    job = "".join(filter(str.isdecimal, event.header.project_number))[:9]
    return (
        event.invoice_number[:INVOICE_NUMBER_LENGTH],
        vendor,
        int(job) if job else None,
        event.header.billing_date,
        event.overrides.due_date or event.header.due_date,
        event.header.net_due,
        books.stamp(),
    )


async def settle(books: Books, connection: "Connection", bill_id: int, settled: object) -> None:
    """Move ``settled`` (Decimal; cash, discount and credit together) from open to paid; keeps the total."""
    await connection.execute(SETTLED, bill_id, settled, books.stamp())


async def list_bills(books: Books, invoice_id: str | None = None) -> list[dict[str, Any]]:
    """All bills, or the one of an AP invoice, with totals, what is paid and what is open."""
    async with books.transaction() as connection:
        return [dict(row) for row in await connection.fetch(BILLS, invoice_id)]
