"""Ties by vendor and invoice number, set by set: all that most bills of a ledger need.

It ties a bill only where `domain.matching` would: the two mean each other and nobody else. Whatever is less
plain, by the same key or another one, is left to the rules there. Values are always bound.
"""
# ruff: noqa: S608  see above

from collections.abc import Collection, Mapping
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PLAIN = """
claims AS MATERIALIZED (
    SELECT open.id AS bill_id, i.id AS invoice_id, i.ledger_bill_id,
           count(*) OVER (PARTITION BY open.id) AS invoices, count(*) OVER (PARTITION BY i.id) AS bills
    FROM open CROSS JOIN LATERAL (
        SELECT id, ledger_bill_id FROM invoices
        WHERE vault_id = :vault_id AND imported AND match_keys[1] = open.key LIMIT 2
    ) i
), plain AS (
    SELECT c.bill_id, c.invoice_id FROM claims c
    WHERE c.invoices = 1 AND c.bills = 1 AND c.ledger_bill_id IS NULL
      AND (SELECT t.id FROM bills t WHERE t.vault_id = :vault_id AND t.invoice_id = c.invoice_id LIMIT 1)
          IS NULL
      AND (SELECT n.id FROM invoices n WHERE n.vault_id = :vault_id AND n.ledger_bill_id = c.bill_id LIMIT 1)
          IS NULL
)
"""
"""``open`` are bills with the key that their AP invoice has first, `domain.numbers.exact_key`.

Subqueries with a limit, and no join and no NOT EXISTS: in the first minute of a new schema, while PostgreSQL
has not looked at it yet, it would compare every bill with every other one, and later read all invoices for
each batch. Bills of one key find the same AP invoices; two are enough to see that it is not plain.
"""

_TIE = text(rf"""
WITH open AS (
    SELECT b.id, b.vendor_key || '|=' || btrim(b.invoice_number, E' \t\n\r\f\v') AS key
    FROM unnest(CAST(:bill_ids AS text[])) AS wanted(id)
    JOIN bills b ON b.vault_id = :vault_id AND b.id = wanted.id
    WHERE b.invoice_id IS NULL AND NOT b.voided AND b.vendor_key <> ''
      AND btrim(b.invoice_number, E' \t\n\r\f\v') <> ''
), {_PLAIN}
UPDATE bills b
SET invoice_id = plain.invoice_id, match_key = 'invoice_number', unmatched_reason = '', candidates = '[]',
    evidence = 'Vendor ' || b.vendor_code || ' and invoice number ' || b.invoice_number
        || ' are the same in both.', unsettled = b.unsettled OR :unsettled
FROM plain
WHERE b.vault_id = :vault_id AND b.id = plain.bill_id AND b.kept_apart = '[]'
RETURNING b.id
""")

_FIND = text(f"""
WITH open AS (
    SELECT told.key AS id, told.value AS key FROM jsonb_each_text(CAST(:keys AS jsonb)) AS told
), {_PLAIN}
SELECT array_agg(bill_id), array_agg(invoice_id) FROM plain
""")


async def tie_same_numbers(
    session: AsyncSession, vault_id: str, bill_ids: Collection[str], *, unsettled: bool
) -> set[str]:
    """Tie what is plain among these bills, and mark it as ``unsettled``; gives those that were tied."""
    values = {"vault_id": vault_id, "bill_ids": list(bill_ids), "unsettled": unsettled}
    return set((await session.execute(_TIE, values)).scalars())


async def find_same_numbers(session: AsyncSession, vault_id: str, keys: Mapping[str, str]) -> dict[str, UUID]:
    """The AP invoices of bills that are not stored yet, where that is plain; ``keys`` are exact, by bill."""
    if not keys:
        return {}
    values = {"vault_id": vault_id, "keys": to_json(keys).decode()}
    bills, invoices = (await session.execute(_FIND, values)).one()
    return dict(zip(bills or (), invoices or (), strict=True))
