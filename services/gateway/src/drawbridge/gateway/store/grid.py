"""Pages of the grid: each is a walk along one index, however many rows a vault has (see ADR 0016).

Rows that need attention show outside the range, too (product rule 1). They are asked for apart, in the same
order, because one condition on both would walk through all that lies between.

Each kind of page has one statement, made once, and a row stays the JSON that its owner sent (see ADR 0027).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import ImportState
from drawbridge.gateway.domain.grid_sort import LATEST, Place, Sort, SortKey, SortName
from drawbridge.gateway.domain.refusals import no_procore_invoice
from drawbridge.gateway.store.tables import ATTENTION, ProcoreInvoiceRow, table
from drawbridge.persistence import PreparedRead, PreparedReads, Record

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

_IN_VAULT = _row.vault_id == bindparam("vault_id")
_SINCE = bindparam("since", type_=_row.day.type)
_FILTERS: dict[str, ColumnElement[bool]] = {
    "project_id": _row.project_id == bindparam("project_id", type_=BigInteger),
    "state": _row.import_state == bindparam("state"),
    "payment_state": _row.payment_state == bindparam("payment_state"),
    "drift": _row.drift.is_not(None),
    "no_drift": _row.drift.is_(None),
}


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which rows to show. ``since`` is the first day of the range; None shows all."""

    since: date | None = None
    project_id: int | None = None
    state: ImportState | None = None
    payment_state: PaymentState | None = None
    drift: bool | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What it asks for besides the range, by the names of the conditions."""
        return {
            "project_id": self.project_id,
            "state": self.state,
            "payment_state": self.payment_state,
            "drift": self.drift or None,
            "no_drift": True if self.drift is False else None,
        }


class GridItem(NamedTuple):
    """A row, its payment state, and what it is sorted by. The row is a `ProcoreInvoice` as JSON has it."""

    row: dict[str, Any]
    payment_state: PaymentState | None
    key: SortKey


async def list_rows(
    reads: PreparedReads,
    vault_id: str,
    chosen: GridFilter,
    sort: Sort = LATEST,
    *,
    after: Place | None = None,
    limit: int,
) -> list[GridItem]:
    """Rows of the grid in this order, from behind the row that ``after`` names."""
    values = chosen.values
    page = _page(sort, _asked(values), ranged=chosen.since is not None, begun=after is not None)
    values |= {"vault_id": vault_id, "since": chosen.since, "limit": limit}
    if after is not None:
        values |= {"key": after.key, "requisition_id": after.requisition_id}
    return _items(await reads.all(page, values))


async def get_item(reads: PreparedReads, vault_id: str, requisition_id: int) -> GridItem:
    """One row of the grid.

    Raises:
        NotFound: when the vault's projects have no such Procore invoice, as far as is known.
    """
    found = await reads.all(_ONE, {"vault_id": vault_id, "requisition_id": requisition_id})
    if not found:
        raise no_procore_invoice(requisition_id)
    return _items(found)[0]


async def find_rows(
    reads: PreparedReads, vault_id: str, chosen: GridFilter, words: str, *, limit: int
) -> list[GridItem]:
    """The best hits: rows whose invoice number, commitment number or vendor begins so, the shortest first."""
    values = chosen.values
    hits = _hits(_asked(values))
    begin = words.lower()
    values |= {"vault_id": vault_id, "begin": begin, "end": begin + _LAST, "limit": min(limit, MOST_HITS)}
    return _items(await reads.all(hits, values))


def _asked(values: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for name, value in values.items() if value is not None)


@lru_cache(maxsize=512)
def _page(sort: Sort, filters: frozenset[str], *, ranged: bool, begun: bool) -> PreparedRead:
    """The statement of all pages with this order and these filters."""
    key = _SORTED_BY[sort.name]
    conditions = [_IN_VAULT, *_conditions(filters)]
    if begun:
        mine = tuple_(key, _row.requisition_id)
        last = tuple_(bindparam("key", type_=key.type), _REQUISITION_ID)
        conditions.append(mine < last if sort.order == "desc" else mine > last)
    rows = select(_row.requisition_id, key.label("key"), _row.payment_state, _row.data)
    parts = [
        _first(_ordered(rows.where(*conditions, part), key, _row.requisition_id, sort)).subquery()
        for part in (_range() if ranged else (true(),))
    ]
    page = parts[0] if len(parts) == 1 else union_all(*(select(part) for part in parts)).subquery()
    told = _told(page.c.key, page.c.payment_state, page.c.data)
    return PreparedRead(_first(_ordered(told, page.c.key, page.c.requisition_id, sort)))


@lru_cache(maxsize=64)
def _hits(filters: frozenset[str]) -> PreparedRead:
    """The statement of all searches with these filters.

    Hits are chosen before their rows are read: many rows may have one vendor, and its index tells the rest.
    """
    conditions = [_IN_VAULT, *_conditions(filters)]
    parts = [
        select(_row.requisition_id, column.label("key"))
        .where(*conditions, column >= bindparam("begin"), column < bindparam("end"))
        .order_by(column, _row.requisition_id.desc())
        .limit(MOST_HITS)
        .subquery()
        for column in _SEARCHED
    ]
    best = _distinct(union_all(*(select(part) for part in parts)).subquery())
    first = _first(select(best).order_by(best.c.key, best.c.requisition_id.desc())).subquery()
    found = _told(first.c.key).join_from(
        first, table(ProcoreInvoiceRow), _row.requisition_id == first.c.requisition_id
    )
    return PreparedRead(found.where(_IN_VAULT).order_by(first.c.key, first.c.requisition_id.desc()))


def _distinct(hits: Subquery) -> Subquery:
    """Each row once, by its best hit."""
    best = select(hits).ext(distinct_on(hits.c.requisition_id))
    return best.order_by(hits.c.requisition_id, hits.c.key).subquery()


def _told(
    key: ColumnElement[SortKey],
    payment_state: ColumnElement[str] = _row.payment_state,
    data: ColumnElement[Any] = _row.data,
) -> Select[*tuple[Any, ...]]:
    """What chosen rows tell; not before, because PostgreSQL would write as text all that it sorts."""
    return select(key.label("key"), payment_state, cast(data, Text).label("data"))


_REQUISITION_ID = bindparam("requisition_id", type_=BigInteger)
_ONE = PreparedRead(_told(_row.day).where(_IN_VAULT, _row.requisition_id == _REQUISITION_ID))


def _first(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return statement.limit(bindparam("limit", type_=BigInteger))


def _ordered(
    statement: Select[tuple[object, ...]],
    key: ColumnElement[SortKey],
    requisition_id: ColumnElement[int],
    sort: Sort,
) -> Select[tuple[object, ...]]:
    if sort.order == "desc":
        return statement.order_by(key.desc(), requisition_id.desc())
    return statement.order_by(key, requisition_id)


def _range() -> Sequence[ColumnElement[bool]]:
    """What is in the range, and what needs attention before it."""
    return (_row.day >= _SINCE, and_(_row.day < _SINCE, text(f"({ATTENTION})")))


def _conditions(filters: frozenset[str]) -> list[ColumnElement[bool]]:
    return [condition for name, condition in _FILTERS.items() if name in filters]


def _items(found: Iterable[Record]) -> list[GridItem]:
    return [GridItem(orjson.loads(line["data"]), line["payment_state"], line["key"]) for line in found]
