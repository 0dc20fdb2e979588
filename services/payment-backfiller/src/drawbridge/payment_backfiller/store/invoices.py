"""The read model of AP invoices, and what the ledger has paid of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.payment_backfiller.domain.numbers import bill_keys
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.tables import InvoicePaymentsRow, InvoiceRow, core, invoices
from drawbridge.payment_backfiller.store.upserting import any_of
from drawbridge.persistence.snapshots import Kept, keep


async def upsert_invoices(session: AsyncSession, rows: Sequence[InvoiceRow]) -> list[Row[Any]]:
    """Store the invoices that are newer than what is known, or that a snapshot mends; gives those rows."""
    kept = Kept("import-service", InvoiceState, invoices)
    values = [row.model_dump() for row in rows]
    return await keep(session, core, kept, values, local=("changed_at",), first=("told_by", "traceparent"))


async def read_invoices(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, InvoiceRow]:
    """Invoices by id."""
    result = await session.execute(select(InvoiceRow).where(col(InvoiceRow.id).in_(ids)))
    return {row.id: row for row in result.scalars()}


async def vendor_keys(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The vendor key of each known invoice."""
    statement = select(col(InvoiceRow.id), col(InvoiceRow.vendor_key)).where(col(InvoiceRow.id).in_(ids))
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def candidates(session: AsyncSession, vault_id: str, bills: Sequence[BillRow]) -> list[InvoiceRow]:
    """Imported AP invoices that one of the bills may be: vendor and number alike, named bill, or tied to it.

    Found by index however many invoices a vendor has; with those that a person parted from a bill.
    """
    keys = {key for bill in bills for key in bill_keys(bill.vendor_code, bill.invoice_number)}
    known = {bill.invoice_id for bill in bills if bill.invoice_id}
    known |= {UUID(each) for bill in bills for each in bill.kept_apart}
    values = {"vault_id": vault_id, "keys": sorted(keys), "ids": list(known)}
    found = await session.execute(_CANDIDATES, values | {"bill_ids": [bill.id for bill in bills]})
    statement = select(InvoiceRow).where(any_of(InvoiceRow.id, list(found.scalars())))
    return list((await session.execute(statement.order_by(col(InvoiceRow.id)))).scalars())


_CANDIDATES = text("""
SELECT i.id FROM unnest(CAST(:keys AS text[])) AS key
JOIN invoices i ON i.match_keys @> ARRAY[key] AND i.vault_id = :vault_id AND i.imported
UNION SELECT id FROM invoices
WHERE ledger_bill_id = ANY(CAST(:bill_ids AS text[])) AND vault_id = :vault_id AND imported
UNION SELECT id FROM invoices WHERE id = ANY(CAST(:ids AS uuid[])) AND vault_id = :vault_id AND imported
""")
"""By index, each key by itself: comparing every invoice with all keys takes seconds where there are many."""


async def vendors_with_invoices(
    session: AsyncSession, vault_id: str, vendor_keys: Collection[str]
) -> set[str]:
    """Which of the vendors have an imported AP invoice."""
    statement = select(func.distinct(col(InvoiceRow.vendor_key))).where(
        col(InvoiceRow.vault_id) == vault_id,
        col(InvoiceRow.vendor_key).in_(vendor_keys),
        col(InvoiceRow.imported),
    )
    return set((await session.execute(statement)).scalars())


async def vendors_with_open_invoices(
    session: AsyncSession, vault_id: str, vendor_keys: Collection[str]
) -> set[str]:
    """Which of the vendors have an imported AP invoice that is not known to be fully paid."""
    statement = select(func.distinct(col(InvoiceRow.vendor_key))).where(
        col(InvoiceRow.vault_id) == vault_id,
        col(InvoiceRow.vendor_key).in_(vendor_keys),
        col(InvoiceRow.vendor_key) != "",
        col(InvoiceRow.imported),
        ~_fully_paid(),
    )
    return set((await session.execute(statement)).scalars())


async def all_vendor_keys(session: AsyncSession, vault_id: str) -> list[str]:
    """Every vendor key among a vault's invoices, the empty one too."""
    statement = select(func.distinct(col(InvoiceRow.vendor_key))).where(col(InvoiceRow.vault_id) == vault_id)
    return sorted((await session.execute(statement)).scalars())


async def invoices_to_check(
    session: AsyncSession, vault_id: str, *, changed_since: datetime, after: UUID | None, limit: int
) -> list[tuple[InvoiceRow, str | None]]:
    """Imported invoices not known to be fully paid, or changed since; each with the bill it is tied to."""
    recent = exists().where(
        col(InvoicePaymentsRow.invoice_id) == col(InvoiceRow.id),
        col(InvoicePaymentsRow.changed_at) >= changed_since,
    )
    statement = (
        select(InvoiceRow, col(BillRow.id))
        .outerjoin(
            BillRow,
            (col(BillRow.vault_id) == col(InvoiceRow.vault_id))
            & (col(BillRow.invoice_id) == col(InvoiceRow.id)),
        )
        .where(
            col(InvoiceRow.vault_id) == vault_id,
            col(InvoiceRow.imported),
            or_(~_fully_paid(), col(InvoiceRow.changed_at) >= changed_since, recent),
        )
        .order_by(col(InvoiceRow.id))
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(col(InvoiceRow.id) > after)
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def read_invoice_payments(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, InvoicePaymentsRow]:
    """What was last told about these invoices' payments."""
    statement = select(InvoicePaymentsRow).where(col(InvoicePaymentsRow.invoice_id).in_(ids))
    return {row.invoice_id: row for row in (await session.execute(statement)).scalars()}


def _fully_paid() -> ColumnElement[bool]:
    return exists().where(
        col(InvoicePaymentsRow.invoice_id) == col(InvoiceRow.id),
        col(InvoicePaymentsRow.payment_state).in_(("paid", "overpaid")),
    )
