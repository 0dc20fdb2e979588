"""Pages of the grid: each is a walk along one index, however many rows a vault has (see ADR 0016).

Rows that need attention show outside the range, too (product rule 1). They are asked for apart, in the same
order, because one condition on both would walk through all that lies between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    not_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import ImportState, ProcoreInvoice
from drawbridge.gateway.domain.grid_sort import LATEST, Place, Sort, SortKey, SortName
from drawbridge.gateway.store.stored import stored_text
from drawbridge.gateway.store.tables import ATTENTION, ProcoreInvoiceRow, table

_row = table(ProcoreInvoiceRow).c
_SORTED_BY: dict[SortName, ColumnElement[SortKey]] = {
    "billing_date": _row.day,
    "updated_at": _row.updated_at,
    "vendor": _row.vendor,
    "net_due": _row.net_due,
}
_SEARCHED = (_row.invoice_number, _row.commitment, _row.vendor)
MOST_HITS = 200
_LAST = chr(0x10FFFF)
"""Sorts behind every text with the same beginning."""


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which rows to show. ``since`` is the first day of the range; None shows all."""

    since: date | None = None
    project_id: int | None = None
    state: ImportState | None = None
    payment_state: PaymentState | None = None
    drift: bool | None = None


@dataclass(frozen=True, slots=True)
class GridItem:
    """A row, its payment state, and what it is sorted by."""

    row: ProcoreInvoice
    payment_state: PaymentState | None
    key: SortKey


async def list_rows(
    session: AsyncSession,
    vault_id: str,
    chosen: GridFilter,
    sort: Sort = LATEST,
    *,
    after: Place | None = None,
    limit: int,
) -> list[GridItem]:
    """Rows of the grid in this order, from behind the row that ``after`` names."""
    key = _SORTED_BY[sort.name]
    conditions = [_row.vault_id == vault_id, *_conditions(chosen)]
    if after is not None:
        mine, other = tuple_(key, _row.requisition_id), tuple_(after.key, after.requisition_id)
        conditions.append(mine < other if sort.order == "desc" else mine > other)
    parts = [
        _ordered(_columns(key).where(*conditions, part), key, _row.requisition_id, sort).limit(limit)
        for part in _range(chosen.since)
    ]
    if len(parts) == 1:
        return await _items(session, parts[0])
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    page = _ordered(select(both), both.c.key, both.c.requisition_id, sort).limit(limit)
    return await _items(session, page)


async def find_rows(session: AsyncSession, vault_id: str, chosen: GridFilter, words: str) -> list[GridItem]:
    """The best hits: rows whose invoice number, commitment number or vendor begins so, the shortest first."""
    begin = words.lower()
    conditions = [_row.vault_id == vault_id, *_conditions(chosen)]
    parts = [
        _columns(column)
        .where(*conditions, column >= begin, column < begin + _LAST)
        .order_by(column, _row.requisition_id.desc())
        .limit(MOST_HITS)
        .subquery()
        for column in _SEARCHED
    ]
    hits = union_all(*(select(part) for part in parts)).subquery()
    first = _distinct(hits)
    page = select(first).order_by(first.c.key, first.c.requisition_id.desc()).limit(MOST_HITS)
    return await _items(session, page)


def _distinct(hits: Subquery) -> Subquery:
    """Each row once, by its best hit."""
    best = select(hits).ext(distinct_on(hits.c.requisition_id))
    return best.order_by(hits.c.requisition_id, hits.c.key).subquery()


def _columns(key: ColumnElement[SortKey]) -> Select[tuple[object, ...]]:
    return select(
        _row.requisition_id, key.label("key"), _row.payment_state, cast(_row.data, Text).label("data")
    )


def _ordered(
    statement: Select[tuple[object, ...]],
    key: ColumnElement[SortKey],
    requisition_id: ColumnElement[int],
    sort: Sort,
) -> Select[tuple[object, ...]]:
    if sort.order == "desc":
        return statement.order_by(key.desc(), requisition_id.desc())
    return statement.order_by(key, requisition_id)


def _range(since: date | None) -> Sequence[ColumnElement[bool]]:
    """The whole vault, or what is in the range and what needs attention before it."""
    if since is None:
        return (true(),)
    return (_row.day >= since, and_(_row.day < since, text(f"({ATTENTION})")))


def _conditions(chosen: GridFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.project_id is not None:
        conditions.append(_row.project_id == chosen.project_id)
    if chosen.state is not None:
        conditions.append(_row.import_state == chosen.state)
    if chosen.payment_state is not None:
        conditions.append(_row.payment_state == chosen.payment_state)
    if chosen.drift is not None:
        drifted = _row.drift.is_not(None)
        conditions.append(drifted if chosen.drift else not_(drifted))
    return conditions


async def _items(session: AsyncSession, statement: Select[tuple[object, ...]]) -> list[GridItem]:
    found = await session.execute(statement)
    return [GridItem(stored_text(ProcoreInvoice, line.data), line.payment_state, line.key) for line in found]
