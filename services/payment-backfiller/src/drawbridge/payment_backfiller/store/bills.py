"""Bills of the ledger and the AP invoices that they are tied to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.payment_backfiller.domain.matching import NoTie, Result, Tie
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.ledger_payments import Told
from drawbridge.payment_backfiller.store.tables import SCHEMA, InvoiceRow, metadata
from drawbridge.payment_backfiller.store.upserting import Written, any_of, upsert_changed

BILL_FACTS = ("vendor_code", "vendor_key", "invoice_number", "total", "retainage", "currency", "voided")
_NEW_BILL: dict[str, Any] = {
    "evidence": "",
    "unmatched_reason": "",
    "candidates": [],
    "kept_apart": [],
    "unsettled": False,
}


async def upsert_bills(session: AsyncSession, told: Told, rows: Sequence[Sequence[Any]]) -> Written:
    """Store bills (the id, then `BILL_FACTS`), ties left alone; tells the ids of what was written."""
    table = metadata.tables[f"{SCHEMA}.bills"]
    fixed = {"vault_id": told.vault_id, "read_at": told.read_at, **_NEW_BILL}
    return await upsert_changed(session, table, BILL_FACTS, rows, fixed)


async def void_missing_bills(session: AsyncSession, told: Told, bill_ids: Collection[str]) -> list[str]:
    """Mark bills that the ledger was asked for and no longer has; gives those that it had."""
    statement = update(BillRow).where(
        col(BillRow.vault_id) == told.vault_id,
        any_of(BillRow.id, bill_ids),
        col(BillRow.read_at) < told.read_at,
        ~col(BillRow.voided),
    )
    statement = statement.values(voided=True, read_at=told.read_at)
    return list((await session.execute(statement.returning(col(BillRow.id)))).scalars())


async def mark_unsettled(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> None:
    """Remember that these bills are to be settled; it is committed with what makes it so."""
    if not bill_ids:
        return
    theirs = update(BillRow).where(
        col(BillRow.vault_id) == vault_id, any_of(BillRow.id, bill_ids), ~col(BillRow.unsettled)
    )
    await session.execute(theirs.values(unsettled=True))


async def take_unsettled(session: AsyncSession, vault_id: str, most: int) -> list[str]:
    """Some of the bills that are to be settled; in this transaction they will be."""
    some = (
        select(col(BillRow.id)).where(col(BillRow.vault_id) == vault_id, col(BillRow.unsettled)).limit(most)
    )
    theirs = update(BillRow).where(
        col(BillRow.vault_id) == vault_id, col(BillRow.id).in_(some.scalar_subquery())
    )
    found = await session.execute(theirs.values(unsettled=False).returning(col(BillRow.id)))
    return sorted(found.scalars())


async def invoices_of_bills(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> set[UUID]:
    """The AP invoices that these bills are tied to."""
    statement = select(col(BillRow.invoice_id)).where(
        col(BillRow.vault_id) == vault_id, any_of(BillRow.id, bill_ids), col(BillRow.invoice_id).is_not(None)
    )
    return {each for each in (await session.execute(statement)).scalars() if each is not None}


async def read_bills(session: AsyncSession, vault_id: str, bill_ids: Collection[str]) -> dict[str, BillRow]:
    """Bills by id."""
    statement = select(BillRow).where(col(BillRow.vault_id) == vault_id, any_of(BillRow.id, bill_ids))
    result = await session.execute(statement.execution_options(populate_existing=True))
    return {row.id: row for row in result.scalars()}


async def bills_tied_to(
    session: AsyncSession, vault_id: str, invoices: Collection[UUID]
) -> dict[UUID, BillRow]:
    """The bill of each invoice that has one."""
    statement = select(BillRow).where(col(BillRow.vault_id) == vault_id, any_of(BillRow.invoice_id, invoices))
    found = (await session.execute(statement)).scalars()
    return {row.invoice_id: row for row in found if row.invoice_id is not None}


async def bills_of_vendor(session: AsyncSession, vault_id: str, vendor_key: str) -> list[str]:
    """Ids of all bills that this vendor's invoices may be: of the vendor, named by or tied to an invoice."""
    invoices = select(InvoiceRow).where(
        col(InvoiceRow.vault_id) == vault_id, col(InvoiceRow.vendor_key) == vendor_key
    )
    named = invoices.with_only_columns(col(InvoiceRow.ledger_bill_id)).where(
        col(InvoiceRow.ledger_bill_id).is_not(None)
    )
    theirs = invoices.with_only_columns(col(InvoiceRow.id))
    fits: list[ColumnElement[bool]] = [col(BillRow.id).in_(named), col(BillRow.invoice_id).in_(theirs)]
    if vendor_key:
        fits.append(col(BillRow.vendor_key) == vendor_key)
    statement = select(col(BillRow.id)).where(col(BillRow.vault_id) == vault_id, or_(*fits))
    return sorted((await session.execute(statement)).scalars())


async def vendors_tied_to(session: AsyncSession, invoices: Collection[UUID]) -> set[tuple[str, str]]:
    """(vault, vendor key) of every bill that is tied to one of these invoices."""
    statement = select(col(BillRow.vault_id), col(BillRow.vendor_key)).where(
        any_of(BillRow.invoice_id, invoices)
    )
    return {(row[0], row[1]) for row in (await session.execute(statement)).all()}


async def tie_bills(
    session: AsyncSession, bills: Mapping[str, BillRow], results: Mapping[str, Result]
) -> None:
    """Set ties; all that end are ended before one begins, because an invoice has one bill at most."""
    for bill_id, result in results.items():
        bill = bills[bill_id]
        if bill.invoice_id is not None and (
            isinstance(result, NoTie) or result.invoice_id != bill.invoice_id
        ):
            bill.invoice_id = None
    await session.flush()
    for bill_id, result in results.items():
        _set(bills[bill_id], result)
    await session.flush()


def _set(bill: BillRow, result: Result) -> None:
    match result:
        case Tie(invoice_id, key, evidence):
            bill.invoice_id, bill.match_key, bill.evidence = invoice_id, key, evidence
            bill.unmatched_reason, bill.candidates = "", []
        case NoTie(reason, candidates):
            bill.match_key, bill.evidence = None, ""
            bill.unmatched_reason, bill.candidates = reason, [str(each) for each in candidates]
