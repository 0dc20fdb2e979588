"""Which bills of a ledger's answer matter to Procore, and what became of their payments."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.payment_backfiller.store.upserting import json_list

_KNOWN = text("""
SELECT array_agg(b.id), array_agg(b.id) FILTER (WHERE ours),
       array_agg(b.id) FILTER (WHERE ours AND b.voided), array_agg(b.id) FILTER (WHERE ours AND b.unsettled),
       array_agg(b.id) FILTER (WHERE b.invoice_id IS NOT NULL
           AND (SELECT i.imported FROM invoices i WHERE i.id = b.invoice_id))
FROM jsonb_array_elements_text(CAST(:bill_ids AS jsonb)) AS asked (id)
JOIN bills b ON b.vault_id = :vault_id AND b.id = asked.id
CROSS JOIN LATERAL (SELECT
    b.invoice_id IS NOT NULL
    OR (SELECT i.id FROM invoices i WHERE i.vault_id = b.vault_id AND i.vendor_key = b.vendor_key
        AND i.vendor_key <> '' AND i.imported LIMIT 1) IS NOT NULL
    OR (SELECT i.id FROM invoices i WHERE i.vault_id = b.vault_id AND i.ledger_bill_id = b.id
        AND i.imported LIMIT 1) IS NOT NULL
    OR (SELECT a.id FROM allocations a WHERE a.vault_id = b.vault_id AND a.bill_id = b.id
        AND (a.state IS NOT NULL OR a.write_state <> 'not_needed') LIMIT 1) IS NOT NULL
    AS ours OFFSET 0
) AS judged
""")
"""Subqueries with a limit, and no EXISTS: PostgreSQL would read a whole table for each batch instead.

The OFFSET keeps it from judging a bill three times.
"""

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
class KnownBills:
    """Bills that are stored, and which of them are ``ours``: they can concern an imported AP invoice, or did.

    Of ours, which are voided, which marked as unsettled, which tied to an imported AP invoice.
    """

    ids: frozenset[str]
    ours: frozenset[str]
    voided: frozenset[str]
    unsettled: frozenset[str]
    tied: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Allocations of tied bills, and those that are listed as unmatched."""

    matched: int
    unmatched: int


async def known_bills(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> KnownBills:
    """What is known of these bills; those of vendors without AP invoices are not ours."""
    values = {"vault_id": vault_id, "bill_ids": json_list(bill_ids)}
    found = (await session.execute(_KNOWN, values)).one()
    return KnownBills(*(frozenset(ids or ()) for ids in found))


async def count_allocations(session: AsyncSession, vault_id: str, ids: Collection[str]) -> Counts:
    """Count what has become of these allocations."""
    found = (await session.execute(_COUNTS, {"vault_id": vault_id, "ids": list(ids)})).one()
    return Counts(found.matched, found.unmatched)


async def unmatched_words(session: AsyncSession, vault_id: str, ids: Collection[str], most: int) -> list[str]:
    """A sentence about each of the first ``most`` of these allocations that are listed as unmatched."""
    values = {"vault_id": vault_id, "ids": list(ids), "most": most}
    found = await session.execute(_UNMATCHED, values)
    return [f"Payment {row.payment} of {row.date} is unmatched. {row.reason}" for row in found]
