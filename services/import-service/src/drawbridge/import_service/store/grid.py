"""The rows of the grid."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.import_service.domain.amounts import rounded
from drawbridge.import_service.store.tables import JsonObject, procore_invoices
from drawbridge.persistence import as_arrays, bulk_insert

_MEMBERS = tuple(ProcoreInvoice.model_fields)
_OBJECTS = ("commitment", "vendor", "problem", "drift", "queue_document")
_AMOUNTS = ("net_due", "retainage")
_KEY = ("vault_id", "requisition_id")
_NAMES = tuple(procore_invoices.c.keys())
_READ = [column for column in procore_invoices.c if column.name != "raw"]
_INSERT = bulk_insert(procore_invoices, _NAMES)
_ADDING = _INSERT.on_conflict_do_nothing(index_elements=_KEY).returning(procore_invoices.c.requisition_id)
_SAVING = _INSERT.on_conflict_do_update(
    index_elements=_KEY,
    set_={
        **{name: _INSERT.excluded[name] for name in _NAMES if name not in _KEY},
        "raw": func.coalesce(_INSERT.excluded.raw, procore_invoices.c.raw),
    },
)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row and what only this service needs of it.

    ``imported_hash`` is what its AP invoice was made from; ``seen_at`` is the last look at Procore. ``raw``
    is what that look brought: read by `find_original` only; None leaves what is stored.
    """

    state: ProcoreInvoice
    imported_hash: str | None
    seen_at: datetime
    raw: JsonObject | None = None


async def find_row(session: AsyncSession, vault_id: str, requisition_id: int) -> GridRow | None:
    """One row as it is, without a lock."""
    rows = await session.execute(_rows(vault_id).where(procore_invoices.c.requisition_id == requisition_id))
    row = rows.one_or_none()
    return _grid_row(row) if row else None


async def find_original(session: AsyncSession, vault_id: str, requisition_id: int) -> GridRow | None:
    """One row with the original that its last change brought, without a lock."""
    return (await find_originals(session, vault_id, [requisition_id])).get(requisition_id)


async def find_originals(
    session: AsyncSession, vault_id: str, requisition_ids: Collection[int]
) -> dict[int, GridRow]:
    """Rows with their originals, by requisition id."""
    query = select(procore_invoices).where(
        procore_invoices.c.vault_id == vault_id,
        procore_invoices.c.requisition_id.in_(list(requisition_ids)),
    )
    rows = await session.execute(query)
    return {row.requisition_id: replace(_grid_row(row), raw=row.raw) for row in rows}


async def lock_row(session: AsyncSession, vault_id: str, requisition_id: int | None) -> GridRow | None:
    """One row, locked until the transaction ends; None also for no requisition at all."""
    if requisition_id is None:
        return None
    return (await lock_rows(session, vault_id, [requisition_id])).get(requisition_id)


async def lock_rows(
    session: AsyncSession, vault_id: str, requisition_ids: Collection[int]
) -> dict[int, GridRow]:
    """Rows by requisition id, locked in that order until the transaction ends."""
    query = _rows(vault_id).where(procore_invoices.c.requisition_id.in_(list(requisition_ids)))
    rows = await session.execute(query.with_for_update())
    return {row.requisition_id: _grid_row(row) for row in rows}


async def add_missing(session: AsyncSession, vault_id: str, rows: Sequence[GridRow]) -> set[int]:
    """Take the place of rows that do not exist yet; gives the requisition ids that are now ours and locked.

    Whoever meets such a row waits until this transaction ends.
    """
    ordered = sorted(rows, key=lambda row: row.state.requisition_id)
    added = await session.execute(_ADDING, _arrays(vault_id, ordered))
    return set(added.scalars())


async def save_rows(session: AsyncSession, vault_id: str, rows: Sequence[GridRow]) -> None:
    """Write rows that this transaction has locked or added."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.state.requisition_id)
    await session.execute(_SAVING, _arrays(vault_id, ordered))


async def touch_rows(
    session: AsyncSession, vault_id: str, requisition_ids: Iterable[int], seen_at: datetime
) -> None:
    """Note that unchanged rows were seen again."""
    await session.execute(
        procore_invoices.update()
        .where(
            procore_invoices.c.vault_id == vault_id,
            procore_invoices.c.requisition_id.in_(list(requisition_ids)),
            procore_invoices.c.seen_at < seen_at,
        )
        .values(seen_at=seen_at)
    )


async def rows_where(
    session: AsyncSession, condition: ColumnElement[bool]
) -> list[tuple[str, ProcoreInvoice]]:
    """Each row for which it holds, with its vault."""
    found = await session.execute(select(*_READ).where(condition))
    return [(row.vault_id, _grid_row(row).state) for row in found]


async def unseen_since(
    session: AsyncSession, vault_id: str, project_id: int, since: datetime
) -> list[GridRow]:
    """Rows of the project that a complete listing, begun at ``since``, did not show."""
    query = _rows(vault_id).where(
        procore_invoices.c.project_id == project_id, procore_invoices.c.seen_at < since
    )
    return [_grid_row(row) for row in await session.execute(query)]


async def shown_rows(
    session: AsyncSession, vault_id: str, project_id: int, *, after: int, limit: int
) -> list[int]:
    """Requisition ids of the project's rows that are not missing in Procore yet, from one on."""
    drift = procore_invoices.c.drift["kind"].as_string()
    query = (
        select(procore_invoices.c.requisition_id)
        .where(
            procore_invoices.c.vault_id == vault_id,
            procore_invoices.c.project_id == project_id,
            procore_invoices.c.requisition_id > after,
            func.coalesce(drift, "").not_in(("deleted", "invisible")),
        )
        .order_by(procore_invoices.c.requisition_id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def count_rows(session: AsyncSession, vault_id: str, project_id: int) -> int:
    """How many rows the project has."""
    query = select(func.count()).where(
        procore_invoices.c.vault_id == vault_id, procore_invoices.c.project_id == project_id
    )
    return (await session.execute(query)).scalar_one()


def _rows(vault_id: str) -> Select[Any]:
    """Rows of a vault by requisition id, without their originals."""
    return (
        select(*_READ)
        .where(procore_invoices.c.vault_id == vault_id)
        .order_by(procore_invoices.c.requisition_id)
    )


def _grid_row(row: Row[Any]) -> GridRow:
    members = {name: getattr(row, name) for name in _MEMBERS}
    for name in _AMOUNTS:
        if members[name] is not None:
            members[name] = rounded(members[name], row.currency)
    state = ProcoreInvoice.model_validate(members, extra="ignore")
    return GridRow(state, row.imported_hash, row.seen_at)


def _arrays(vault_id: str, rows: Sequence[GridRow]) -> dict[str, list[Any]]:
    values = [_values(vault_id, row) for row in rows]
    return as_arrays(_NAMES, [[each[name] for name in _NAMES] for each in values])


def _values(vault_id: str, row: GridRow) -> dict[str, Any]:
    values = {name: getattr(row.state, name) for name in _MEMBERS}
    for name in _OBJECTS:
        values[name] = values[name].model_dump(mode="json") if values[name] else None
    return {
        **values,
        "vault_id": vault_id,
        "imported_hash": row.imported_hash,
        "seen_at": row.seen_at,
        "raw": row.raw,
    }
