"""Which bills of a ledger's answer matter to Procore, and what became of their payments."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_OURS = text("""
SELECT b.id FROM bills b
WHERE b.vault_id = :vault_id AND b.id = ANY(:bill_ids) AND (
    b.invoice_id IS NOT NULL
    OR EXISTS (SELECT FROM invoices i WHERE i.vault_id = b.vault_id AND i.vendor_key = b.vendor_key
               AND i.vendor_key <> '' AND i.imported)
    OR EXISTS (SELECT FROM invoices i WHERE i.vault_id = b.vault_id AND i.ledger_bill_id = b.id
               AND i.imported)
    OR EXISTS (SELECT FROM allocations a WHERE a.vault_id = b.vault_id AND a.bill_id = b.id
               AND (a.state IS NOT NULL OR a.write_state <> 'not_needed'))
)
""")

_COUNTS = text("""
SELECT count(*) AS allocations, count(i.id) AS matched,
       count(*) FILTER (WHERE i.id IS NULL AND a.state ->> 'unmatched' IS NOT NULL) AS unmatched
FROM allocations a
JOIN bills b ON b.vault_id = a.vault_id AND b.id = a.bill_id
LEFT JOIN invoices i ON i.id = b.invoice_id AND i.imported
WHERE a.vault_id = :vault_id AND a.bill_id = ANY(:bill_ids)
""")

_UNMATCHED = text("""
SELECT coalesce(p.number, p.id) AS payment, p.date, b.unmatched_reason AS reason
FROM allocations a
JOIN ledger_payments p ON p.vault_id = a.vault_id AND p.id = a.payment_id
JOIN bills b ON b.vault_id = a.vault_id AND b.id = a.bill_id
LEFT JOIN invoices i ON i.id = b.invoice_id AND i.imported
WHERE a.vault_id = :vault_id AND a.bill_id = ANY(:bill_ids)
  AND i.id IS NULL AND a.state ->> 'unmatched' IS NOT NULL
ORDER BY a.id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Counts:
    """Allocations of some bills: all of them, those of tied bills, and those that are listed as unmatched."""

    allocations: int
    matched: int
    unmatched: int


async def bills_of_ours(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> list[str]:
    """Which of the bills can concern an imported AP invoice, or did: the others' vendors have none."""
    found = await session.execute(_OURS, {"vault_id": vault_id, "bill_ids": list(bill_ids)})
    return sorted(found.scalars())


async def count_allocations(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> Counts:
    """Count the allocations of these bills."""
    found = (await session.execute(_COUNTS, {"vault_id": vault_id, "bill_ids": list(bill_ids)})).one()
    return Counts(found.allocations, found.matched, found.unmatched)


async def unmatched_words(
    session: AsyncSession, vault_id: str, bill_ids: Collection[str], most: int
) -> list[str]:
    """A sentence about each of the first ``most`` allocations that are listed as unmatched."""
    values = {"vault_id": vault_id, "bill_ids": list(bill_ids), "most": most}
    found = await session.execute(_UNMATCHED, values)
    return [f"Payment {row.payment} of {row.date} is unmatched. {row.reason}" for row in found]
