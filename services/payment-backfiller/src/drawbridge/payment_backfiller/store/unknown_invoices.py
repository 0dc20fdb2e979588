"""AP invoices that import-service does not know any more, as after a restore, though bills are tied to them.

They stay, so that no contract payment is taken out of Procore only because an owner forgot: the money was
paid all the same. The AP invoice that is made from the same requisition later takes over the bill.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, exists, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.tables import InvoiceRow


async def keep_tied(session: AsyncSession, removed: Sequence[Row[Any]], since: datetime) -> None:
    """Put back those of the removed invoices that a bill is tied to, marked as unknown."""
    names = [(row.vault_id, row.id) for row in removed]
    bills = select(col(BillRow.invoice_id)).where(
        tuple_(col(BillRow.vault_id), col(BillRow.invoice_id)).in_(names)
    )
    tied = set((await session.execute(bills)).scalars())
    rows = [
        {**row._mapping, "unknown_since": row.unknown_since or since}  # noqa: SLF001  # SQLAlchemy's public name
        for row in removed
        if row.id in tied
    ]
    if rows:
        await session.execute(insert(InvoiceRow), rows)


async def replace_unknown(session: AsyncSession, vault_ids: Collection[str]) -> None:
    """Give the bills of unknown invoices to the known ones of the same requisitions, if those have none.

    A tie by hand goes over as one by hand, and what was parted by hand stays parted.
    """
    unknown, known = aliased(InvoiceRow), aliased(InvoiceRow)
    same = (
        (col(known.vault_id) == col(unknown.vault_id))
        & (col(known.project_id) == col(unknown.project_id))
        & (col(known.commitment_id) == col(unknown.commitment_id))
        & (col(known.requisition_id) == col(unknown.requisition_id))
        & col(known.imported)
        & col(known.unknown_since).is_(None)
    )
    has_bill = exists().where(
        col(BillRow.vault_id) == col(known.vault_id), col(BillRow.invoice_id) == col(known.id)
    )
    pairs: Select[str, UUID, UUID] = (
        select(col(unknown.vault_id), col(unknown.id).label("unknown"), col(known.id).label("known"))
        .ext(distinct_on(col(unknown.id)))
        .join(known, same)
        .where(col(unknown.vault_id).in_(vault_ids), col(unknown.unknown_since).is_not(None), ~has_bill)
        .order_by(col(unknown.id), col(known.version).desc())
    )
    for vault_id, old, new in (await session.execute(pairs)).all():
        theirs = update(BillRow).where(col(BillRow.vault_id) == vault_id, col(BillRow.invoice_id) == old)
        await session.execute(theirs.values(invoice_id=new))
        await session.execute(_APART, {"vault_id": vault_id, "old": str(old), "new": str(new)})
        await session.execute(delete(InvoiceRow).where(col(InvoiceRow.id) == old))


_APART = text("""
UPDATE bills SET kept_apart = (kept_apart - CAST(:old AS text)) || to_jsonb(CAST(:new AS text))
WHERE vault_id = :vault_id AND kept_apart @> to_jsonb(ARRAY[CAST(:old AS text)])
""")
"""What a person has parted from the one stays parted from the other."""
