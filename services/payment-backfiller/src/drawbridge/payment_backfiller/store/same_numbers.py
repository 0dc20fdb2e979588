"""Ties by vendor and invoice number, set by set: all that most bills of a ledger need.

It ties a bill only where `domain.matching` would: the two mean each other and nobody else. Whatever is less
plain, by the same key or another one, is left to the rules there.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_TIE = text(r"""
WITH open AS (
    SELECT b.id, b.vendor_key, btrim(b.invoice_number, E' \t\n\r\f\v') AS number, b.kept_apart
    FROM unnest(CAST(:bill_ids AS text[])) AS wanted(id)
    JOIN bills b ON b.vault_id = :vault_id AND b.id = wanted.id
    WHERE b.invoice_id IS NULL AND NOT b.voided AND b.vendor_key <> ''
), claims AS MATERIALIZED (
    SELECT open.id AS bill_id, i.id AS invoice_id, open.kept_apart, i.ledger_bill_id,
           count(*) OVER (PARTITION BY open.id) AS invoices, count(*) OVER (PARTITION BY i.id) AS bills
    FROM open JOIN invoices i ON i.vault_id = :vault_id AND i.imported
        AND i.match_keys @> ARRAY[open.vendor_key || '|=' || open.number] AND i.vendor_key = open.vendor_key
    WHERE open.number <> ''
)
UPDATE bills b
SET invoice_id = c.invoice_id, match_key = 'invoice_number', unmatched_reason = '', candidates = '[]',
    evidence = 'Vendor ' || b.vendor_code || ' and invoice number ' || b.invoice_number
        || ' are the same in both.', unsettled = b.unsettled OR :unsettled
FROM claims c
WHERE b.vault_id = :vault_id AND b.id = c.bill_id
  AND c.invoices = 1 AND c.bills = 1 AND c.kept_apart = '[]' AND c.ledger_bill_id IS NULL
  AND (SELECT t.id FROM bills t WHERE t.vault_id = :vault_id AND t.invoice_id = c.invoice_id LIMIT 1) IS NULL
  AND (SELECT n.id FROM invoices n WHERE n.vault_id = :vault_id AND n.ledger_bill_id = c.bill_id LIMIT 1)
      IS NULL
RETURNING b.id
""")
"""Subqueries with a limit, and no NOT EXISTS: in the first minute of a new schema, while PostgreSQL has not
looked at it yet, it would compare every bill with every other one.
"""


async def tie_same_numbers(
    session: AsyncSession, vault_id: str, bill_ids: Collection[str], *, unsettled: bool
) -> set[str]:
    """Tie what is plain among these bills, and mark it as ``unsettled``; gives those that were tied."""
    values = {"vault_id": vault_id, "bill_ids": list(bill_ids), "unsettled": unsettled}
    return set((await session.execute(_TIE, values)).scalars())
