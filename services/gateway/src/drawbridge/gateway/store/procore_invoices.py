"""Procore invoices as import-service last told, with what the ledger has paid of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.procore_invoices import ImportState, ProcoreInvoice
from drawbridge.gateway.domain.refusals import NotFound, no_procore_invoice
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import InvoicePaymentsRow, ProcoreInvoiceRow, table

_row = table(ProcoreInvoiceRow).c
_paid = table(InvoicePaymentsRow).c
_NEVER = datetime.min.replace(tzinfo=UTC)
_UNKNOWN_AMOUNT = Decimal(-(10**15))
"""Sorts below every amount that there is."""


async def store_rows(
    session: AsyncSession, told: Sequence[Told[tuple[str, ProcoreInvoice]]], zones: Mapping[str, str]
) -> None:
    """Take over the newest state of each (vault, Procore invoice); ``zones`` are the vaults' time zones."""
    states = [each.state for each in told]
    paid = await _payment_states(
        session, [(vault, row.invoice_id) for vault, row in states if row.invoice_id]
    )

    def values(state: tuple[str, ProcoreInvoice]) -> RowValues:
        vault_id, row = state
        return _values(vault_id, row, zones.get(vault_id, "UTC")) | {
            "payment_state": paid.get((vault_id, row.invoice_id)) if row.invoice_id else None
        }

    await store_told(session, table(ProcoreInvoiceRow), told, values)


async def show_payment_states(session: AsyncSession, invoices: Iterable[tuple[str, UUID]]) -> None:
    """Bring the rows of these AP invoices, (vault, id), to what the ledger has paid of them."""
    vaults, ids = _apart(invoices)
    if ids:
        same = (_paid.vault_id == _row.vault_id) & (_paid.invoice_id == _row.invoice_id)
        asked = (_row.vault_id == func.any(vaults)) & (_row.invoice_id == func.any(ids))
        statement = update(table(ProcoreInvoiceRow)).where(same, asked)
        await session.execute(statement.values(payment_state=_paid.payment_state))


async def move_days(session: AsyncSession, vault_id: str, time_zone: str) -> None:
    """Count the days of creation in another time zone, where there is no billing date (product rule 1)."""
    undated = (_row.vault_id == vault_id) & _row.billing_date.is_(None) & _row.procore_created_at.is_not(None)
    created = cast(func.timezone(time_zone, _row.procore_created_at), Date)
    await session.execute(update(table(ProcoreInvoiceRow)).where(undated).values(day=created))


async def _payment_states(
    session: AsyncSession, invoices: Iterable[tuple[str, UUID]]
) -> dict[tuple[str, UUID], str]:
    vaults, ids = _apart(invoices)
    if not ids:
        return {}
    statement = select(_paid.vault_id, _paid.invoice_id, _paid.payment_state)
    asked = (_paid.vault_id == func.any(vaults)) & (_paid.invoice_id == func.any(ids))
    found = await session.execute(statement.where(asked))
    return {(row.vault_id, row.invoice_id): row.payment_state for row in found}


def _apart(invoices: Iterable[tuple[str, UUID]]) -> tuple[list[str], list[UUID]]:
    """The vaults and the ids of AP invoices; an id is of one vault only."""
    pairs = set(invoices)
    return sorted({vault for vault, _ in pairs}), sorted({invoice for _, invoice in pairs})


async def get_row(session: AsyncSession, vault_id: str, requisition_id: int) -> ProcoreInvoice:
    """One row.

    Raises:
        NotFound: when the vault's projects have no such Procore invoice, as far as is known.
    """
    statement = select(_row.data).where(_row.vault_id == vault_id, _row.requisition_id == requisition_id)
    data = (await session.execute(statement)).scalars().one_or_none()
    if data is None:
        raise no_procore_invoice(requisition_id)
    return stored(ProcoreInvoice, data)


async def latest_rows(
    session: AsyncSession,
    vault_id: str,
    *,
    project_id: int | None,
    state: ImportState | None,
    limit: int,
) -> list[ProcoreInvoice]:
    """Rows of a project or in a state, the latest billing date first."""
    statement = select(_row.data).where(_row.vault_id == vault_id)
    if project_id is not None:
        statement = statement.where(_row.project_id == project_id)
    if state is not None:
        statement = statement.where(_row.import_state == state)
    found = await session.execute(
        statement.order_by(_row.day.desc(), _row.requisition_id.desc()).limit(limit)
    )
    return [stored(ProcoreInvoice, data) for data in found.scalars()]


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


def _values(vault_id: str, row: ProcoreInvoice, time_zone: str) -> RowValues:
    created = row.procore_created_at
    updated = row.procore_updated_at or created or _NEVER
    return {
        "vault_id": vault_id,
        "requisition_id": row.requisition_id,
        "company_id": row.company_id,
        "project_id": row.project_id,
        "commitment_id": row.commitment.id,
        "billing_date": row.billing_date.isoformat() if row.billing_date else None,
        "procore_created_at": created.isoformat() if created else None,
        "day": _day(row, time_zone).isoformat(),
        "updated_at": updated.isoformat(),
        "vendor": row.vendor.name.lower(),
        "invoice_number": (row.invoice_number or "").lower(),
        "commitment": row.commitment.number.lower(),
        "net_due": str(row.net_due if row.net_due is not None else _UNKNOWN_AMOUNT),
        "import_state": row.import_state,
        "drift": row.drift.kind if row.drift else None,
        "invoice_id": str(row.invoice_id) if row.invoice_id else None,
        "queue_document_id": str(row.queue_document.id) if row.queue_document else None,
        "data": row.model_dump(mode="json"),
    }


def _day(row: ProcoreInvoice, time_zone: str) -> date:
    """Procore's billing date; if null, the day of creation in the vault's time zone (product rule 1)."""
    if row.billing_date is not None:
        return row.billing_date
    created = row.procore_created_at
    return created.astimezone(ZoneInfo(time_zone)).date() if created else date.min
