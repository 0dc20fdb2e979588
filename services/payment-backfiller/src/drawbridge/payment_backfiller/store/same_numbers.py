"""Ties by vendor and invoice number, set by set: all that most bills of a ledger need.

It ties a bill only where `domain.matching` would: the two mean each other and nobody else. Whatever is less
plain, by the same key or another one, is left to the rules there.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PAIRS = text(r"""
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
SELECT c.bill_id, c.invoice_id FROM claims c
WHERE c.invoices = 1 AND c.bills = 1 AND c.kept_apart = '[]' AND c.ledger_bill_id IS NULL
  AND (SELECT t.id FROM bills t WHERE t.vault_id = :vault_id AND t.invoice_id = c.invoice_id LIMIT 1) IS NULL
  AND (SELECT n.id FROM invoices n WHERE n.vault_id = :vault_id AND n.ledger_bill_id = c.bill_id LIMIT 1)
      IS NULL
""")
"""Subqueries with a limit, and no NOT EXISTS: in the first minute of a new schema, while PostgreSQL has not
looked at it yet, it would compare every bill with every other one.
"""

_TIE = text("""
UPDATE bills b
SET invoice_id = pair.invoice_id, match_key = 'invoice_number', unmatched_reason = '', candidates = '[]',
    evidence = 'Vendor ' || b.vendor_code || ' and invoice number ' || b.invoice_number
        || ' are the same in both.'
FROM unnest(CAST(:bill_ids AS text[]), CAST(:invoice_ids AS uuid[])) AS pair(bill_id, invoice_id)
WHERE b.vault_id = :vault_id AND b.id = pair.bill_id
""")


async def tie_same_numbers(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> set[str]:
    """Tie what is plain among these bills; gives those that were tied."""
    pairs = (await session.execute(_PAIRS, {"vault_id": vault_id, "bill_ids": list(bill_ids)})).all()
    if pairs:
        bills, invoices = (list(each) for each in zip(*pairs, strict=True))
        await session.execute(_TIE, {"vault_id": vault_id, "bill_ids": bills, "invoice_ids": invoices})
    return {row.bill_id for row in pairs}
