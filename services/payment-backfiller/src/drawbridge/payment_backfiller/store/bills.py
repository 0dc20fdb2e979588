"""Bills of the ledger and the AP invoices that they are tied to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from drawbridge.payment_backfiller.domain.matching import NoTie, Result, Tie
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.ledger_payments import Told
from drawbridge.payment_backfiller.store.tables import SCHEMA, InvoiceRow, metadata
from drawbridge.payment_backfiller.store.upserting import (
    Rows,
    any_of,
    insert_new,
    json_list,
    known_ids,
    update_changed,
)

_NEW_BILL: dict[str, Any] = {"unmatched_reason": "", "candidates": [], "kept_apart": []}
_bills = metadata.tables[f"{SCHEMA}.bills"]


async def stored_bills(session: AsyncSession, vault_id: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of these bills are stored."""
    return await known_ids(session, _bills, vault_id, ids)


async def insert_bills(session: AsyncSession, told: Told, rows: Rows, ties: Mapping[str, Tie]) -> None:
    """Store new bills; those with a tie have it, and are to be settled."""
    found = [ties.get(bill_id) for bill_id in rows.ids]
    more: dict[str, Sequence[Any]] = {
        "invoice_id": [each and each.invoice_id for each in found],
        "match_key": [each and each.key for each in found],
        "evidence": [each.evidence if each else "" for each in found],
        "unsettled": [each is not None for each in found],
    }
    await insert_new(session, _bills, rows, told.fixed | _NEW_BILL, more)


async def update_bills(session: AsyncSession, told: Told, rows: Rows) -> frozenset[str]:
    """Set what differs of known bills, ties left alone; tells the ids of those."""
    return await update_changed(session, _bills, rows, told.fixed)


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
    ties = {bill_id: _tie(result) for bill_id, result in results.items()}
    changed = {bill_id: tie for bill_id, tie in ties.items() if _differs(bills[bill_id], tie)}
    if not changed:
        return
    [vault_id] = {bill.vault_id for bill in bills.values()}
    ended = [key for key, tie in changed.items() if bills[key].invoice_id not in (None, tie["invoice_id"])]
    if ended:
        theirs = update(BillRow).where(col(BillRow.vault_id) == vault_id, any_of(BillRow.id, ended))
        await session.execute(theirs.values(invoice_id=None), execution_options=_UNSEEN)
    rows = json_list([{"id": key} | tie for key, tie in changed.items()])
    await session.execute(_SET_TIES, {"vault_id": vault_id, "rows": rows})
    for key, tie in changed.items():
        for name, value in tie.items():
            set_committed_value(bills[key], name, value)


_UNSEEN = {"synchronize_session": False}
_SET_TIES = text("""
UPDATE bills b SET invoice_id = told.invoice_id, match_key = told.match_key, evidence = told.evidence,
    unmatched_reason = told.unmatched_reason, candidates = told.candidates
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told (id text, invoice_id uuid, match_key text,
    evidence text, unmatched_reason text, candidates jsonb)
WHERE b.vault_id = :vault_id AND b.id = told.id
""")


def _differs(bill: BillRow, tie: dict[str, Any]) -> bool:
    return any(getattr(bill, name) != value for name, value in tie.items())


def _tie(result: Result) -> dict[str, Any]:
    tie: dict[str, Any] = {
        "invoice_id": None,
        "match_key": None,
        "evidence": "",
        "unmatched_reason": "",
        "candidates": [],
    }
    match result:
        case Tie(invoice_id, key, evidence):
            return tie | {"invoice_id": invoice_id, "match_key": key, "evidence": evidence}
        case NoTie(reason, candidates):
            return tie | {"unmatched_reason": reason, "candidates": [str(each) for each in candidates]}
