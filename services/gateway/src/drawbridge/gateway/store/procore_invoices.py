"""The grid: Procore invoices as import-service last told, with what the ledger has paid of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, Select, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import ImportState, ProcoreInvoice
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import InvoicePaymentsRow, ProcoreInvoiceRow, table

_row = table(ProcoreInvoiceRow).c
_paid = table(InvoicePaymentsRow).c


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which rows to show. ``since`` is the first day of the range in ``time_zone``; None shows all."""

    time_zone: str
    since: date | None = None
    project_id: int | None = None
    state: ImportState | None = None
    payment_state: PaymentState | None = None
    drift: bool | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class GridItem:
    """A row, its payment state, and the day that it is sorted by."""

    row: ProcoreInvoice
    payment_state: PaymentState | None
    day: date


async def store_rows(session: AsyncSession, told: Sequence[Told[tuple[str, ProcoreInvoice]]]) -> None:
    """Take over the newest state of each (vault, Procore invoice)."""
    await store_told(session, table(ProcoreInvoiceRow), told, lambda state: _values(*state))


async def get_row(session: AsyncSession, vault_id: str, requisition_id: int) -> GridItem:
    """One row.

    Raises:
        NotFound: when the vault's projects have no such Procore invoice, as far as is known.
    """
    statement = _select("UTC").where(_row.vault_id == vault_id, _row.requisition_id == requisition_id)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound(
            "procore_invoice_not_found",
            f"This vault knows no Procore invoice {requisition_id}.",
            "Re-read its project; check that the project belongs to this vault.",
        )
    return _item(found)


async def list_rows(
    session: AsyncSession,
    vault_id: str,
    chosen: GridFilter,
    *,
    before: tuple[date, int] | None = None,
    limit: int,
) -> list[GridItem]:
    """Rows of the grid, the latest billing date first, from after the one that ``before`` names."""
    day = _day(chosen.time_zone)
    statement = _select(chosen.time_zone).where(_row.vault_id == vault_id, *_conditions(chosen, day))
    if before is not None:
        statement = statement.where(tuple_(day, _row.requisition_id) < tuple_(*before))
    statement = statement.order_by(day.desc(), _row.requisition_id.desc()).limit(limit)
    return [_item(found) for found in await session.execute(statement)]


async def rows_by_id(
    session: AsyncSession, vault_id: str, requisition_ids: Sequence[int]
) -> dict[int, ProcoreInvoice]:
    """The known ones of these Procore invoices."""
    statement = select(_row.data).where(
        _row.vault_id == vault_id, _row.requisition_id == func.any(list(requisition_ids))
    )
    rows = [stored(ProcoreInvoice, data) for data in (await session.execute(statement)).scalars()]
    return {row.requisition_id: row for row in rows}


async def row_of_invoice(session: AsyncSession, vault_id: str, invoice_id: UUID) -> ProcoreInvoice | None:
    """The Procore invoice that an AP invoice came from."""
    statement = select(_row.data).where(_row.vault_id == vault_id, _row.invoice_id == invoice_id)
    data = (await session.execute(statement)).scalars().first()
    return stored(ProcoreInvoice, data) if data else None


async def list_queue(
    session: AsyncSession,
    vault_id: str,
    *,
    project_id: int | None,
    after: int,
    limit: int,
) -> list[ProcoreInvoice]:
    """Rows with a queue document, by requisition id."""
    statement = select(_row.data).where(
        _row.vault_id == vault_id, _row.queue_document_id.is_not(None), _row.requisition_id > after
    )
    if project_id is not None:
        statement = statement.where(_row.project_id == project_id)
    found = await session.execute(statement.order_by(_row.requisition_id).limit(limit))
    return [stored(ProcoreInvoice, data) for data in found.scalars()]


async def get_queued(session: AsyncSession, vault_id: str, queue_document_id: UUID) -> ProcoreInvoice:
    """The row of a queue document.

    Raises:
        NotFound: when nothing waits under that id (any more).
    """
    statement = select(_row.data).where(
        _row.vault_id == vault_id, _row.queue_document_id == queue_document_id
    )
    data = (await session.execute(statement)).scalars().first()
    if data is None:
        raise NotFound(
            "queue_document_not_found",
            f"No queue document {queue_document_id} waits in this vault.",
            "List the queue documents again; it may have become an AP invoice.",
        )
    return stored(ProcoreInvoice, data)


def _select(time_zone: str) -> Select[tuple[dict[str, Any], PaymentState | None, date]]:
    paid = and_(_paid.vault_id == _row.vault_id, _paid.invoice_id == _row.invoice_id)
    source = table(ProcoreInvoiceRow).outerjoin(table(InvoicePaymentsRow), paid)
    return select(_row.data, _paid.payment_state, _day(time_zone)).select_from(source)


def _day(time_zone: str) -> ColumnElement[date]:
    """Procore's billing date; if null, the day of creation in the vault's time zone (product rule 1)."""
    created = cast(func.timezone(time_zone, _row.procore_created_at), Date)
    return func.coalesce(_row.billing_date, created, literal(date.min, Date))


def _conditions(chosen: GridFilter, day: ColumnElement[date]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.since is not None:
        shown = or_(day >= chosen.since, _row.import_state == "error", _row.drift.is_not(None))
        conditions.append(shown)
    if chosen.project_id is not None:
        conditions.append(_row.project_id == chosen.project_id)
    if chosen.state is not None:
        conditions.append(_row.import_state == chosen.state)
    if chosen.payment_state is not None:
        conditions.append(_paid.payment_state == chosen.payment_state)
    if chosen.drift is not None:
        conditions.append(_row.drift.is_not(None) if chosen.drift else _row.drift.is_(None))
    conditions += [_row.search.contains(word, autoescape=True) for word in chosen.words.lower().split()]
    return conditions


def _item(found: Row[dict[str, Any], PaymentState | None, date]) -> GridItem:
    data, payment_state, day = found
    return GridItem(stored(ProcoreInvoice, data), payment_state, day)


def _values(vault_id: str, row: ProcoreInvoice) -> dict[str, Any]:
    words = (
        row.vendor.name,
        row.commitment.number,
        row.commitment.title,
        row.invoice_number,
        row.project_name,
        str(row.requisition_id),
    )
    created = row.procore_created_at
    return {
        "vault_id": vault_id,
        "requisition_id": row.requisition_id,
        "company_id": row.company_id,
        "project_id": row.project_id,
        "commitment_id": row.commitment.id,
        "billing_date": row.billing_date.isoformat() if row.billing_date else None,
        "procore_created_at": created.isoformat() if created else None,
        "import_state": row.import_state,
        "drift": row.drift.kind if row.drift else None,
        "invoice_id": str(row.invoice_id) if row.invoice_id else None,
        "queue_document_id": str(row.queue_document.id) if row.queue_document else None,
        "search": " ".join(filter(None, words)).lower(),
        "data": row.model_dump(mode="json"),
    }
