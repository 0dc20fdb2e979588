"""Which bills of a ledger's answer matter to Procore, and what became of their payments."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_OURS = text("""
SELECT b.id, b.voided, b.unsettled,
       b.invoice_id IS NOT NULL
           AND coalesce((SELECT i.imported FROM invoices i WHERE i.id = b.invoice_id), false) AS tied
FROM bills b
WHERE b.vault_id = :vault_id AND b.id = ANY(:bill_ids) AND (
    b.invoice_id IS NOT NULL
    OR (SELECT i.id FROM invoices i WHERE i.vault_id = b.vault_id AND i.vendor_key = b.vendor_key
        AND i.vendor_key <> '' AND i.imported LIMIT 1) IS NOT NULL
    OR (SELECT i.id FROM invoices i WHERE i.vault_id = b.vault_id AND i.ledger_bill_id = b.id
        AND i.imported LIMIT 1) IS NOT NULL
    OR (SELECT a.id FROM allocations a WHERE a.vault_id = b.vault_id AND a.bill_id = b.id
        AND (a.state IS NOT NULL OR a.write_state <> 'not_needed') LIMIT 1) IS NOT NULL
)
""")
"""Subqueries with a limit, and no EXISTS: PostgreSQL would read a whole table for each batch instead."""

_COUNTS = text("""
SELECT count(i.id) AS matched,
       count(*) FILTER (WHERE i.id IS NULL AND a.state ->> 'unmatched' IS NOT NULL) AS unmatched
FROM allocations a
JOIN bills b ON b.vault_id = a.vault_id AND b.id = a.bill_id
LEFT JOIN invoices i ON i.id = b.invoice_id AND i.imported
WHERE a.vault_id = :vault_id AND a.id = ANY(CAST(CAST(:ids AS text[]) AS uuid[]))
""")

_UNMATCHED = text("""
SELECT coalesce(p.number, p.id) AS payment, p.date, b.unmatched_reason AS reason
FROM allocations a
JOIN ledger_payments p ON p.vault_id = a.vault_id AND p.id = a.payment_id
JOIN bills b ON b.vault_id = a.vault_id AND b.id = a.bill_id
LEFT JOIN invoices i ON i.id = b.invoice_id AND i.imported
WHERE a.vault_id = :vault_id AND a.id = ANY(CAST(CAST(:ids AS text[]) AS uuid[]))
  AND i.id IS NULL AND a.state ->> 'unmatched' IS NOT NULL
ORDER BY a.id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class OurBills:
    """Bills that can concern an imported AP invoice, or did.

    Which are voided, which marked as unsettled, which tied to an imported AP invoice.
    """

    ids: frozenset[str]
    voided: frozenset[str]
    unsettled: frozenset[str]
    tied: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Allocations of tied bills, and those that are listed as unmatched."""

    matched: int
    unmatched: int


async def bills_of_ours(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> OurBills:
    """Which of the bills can concern an imported AP invoice, or did: the others' vendors have none."""
    found = (await session.execute(_OURS, {"vault_id": vault_id, "bill_ids": list(bill_ids)})).all()
    return OurBills(
        frozenset(id_ for id_, _, _, _ in found),
        frozenset(id_ for id_, voided, _, _ in found if voided),
        frozenset(id_ for id_, _, unsettled, _ in found if unsettled),
        frozenset(id_ for id_, _, _, tied in found if tied),
    )


async def count_allocations(session: AsyncSession, vault_id: str, ids: Collection[str]) -> Counts:
    """Count what has become of these allocations."""
    found = (await session.execute(_COUNTS, {"vault_id": vault_id, "ids": list(ids)})).one()
    return Counts(found.matched, found.unmatched)


async def unmatched_words(session: AsyncSession, vault_id: str, ids: Collection[str], most: int) -> list[str]:
    """A sentence about each of the first ``most`` of these allocations that are listed as unmatched."""
    values = {"vault_id": vault_id, "ids": list(ids), "most": most}
    found = await session.execute(_UNMATCHED, values)
    return [f"Payment {row.payment} of {row.date} is unmatched. {row.reason}" for row in found]
