"""AP invoices with their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Text, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoices import Invoice, InvoiceContent, InvoiceHeader, InvoiceLine
from drawbridge.import_service.domain.amounts import rounded
from drawbridge.import_service.domain.duplicates import comparable_number
from drawbridge.import_service.store import invoice_lines
from drawbridge.import_service.store.tables import JsonObject, invoices
from drawbridge.persistence import bulk_insert, records_as_arrays

AMOUNTS = ("gross", "retainage_held", "retainage_released", "tax", "net_due")
_READ = [column for column in invoices.c if column.name != "raw"]
_NAMES = tuple(invoices.c.keys())
_ADDING = bulk_insert(invoices, _NAMES)
_EMPTY: dict[str, Any] = dict.fromkeys(_NAMES)
_OBJECTS = ("source", "overrides", "ledger", "removed")
_PLAIN = ("id", "status", "revision", "created_at", "created_by", "processed_at", "processed_by")


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An AP invoice with its subject version and the Procore invoice that it is tied to."""

    invoice: Invoice
    version: int
    requisition_id: int | None


async def find_invoice(
    session: AsyncSession, vault_id: str, invoice_id: UUID, *, lock: bool = False
) -> StoredInvoice | None:
    """One AP invoice of the vault that was not removed, locked until the transaction ends if asked for."""
    query = select(*_READ).where(
        invoices.c.id == invoice_id, invoices.c.vault_id == vault_id, invoices.c.removed.is_(None)
    )
    rows = (await session.execute(query.with_for_update() if lock else query)).all()
    return next((stored for _, stored in await _stored(session, rows)), None)


async def invoices_where(
    session: AsyncSession, condition: ColumnElement[bool]
) -> list[tuple[str, StoredInvoice]]:
    """Each AP invoice for which it holds, with its vault."""
    return await _stored(session, (await session.execute(select(*_READ).where(condition))).all())


async def invoice_exists(session: AsyncSession, invoice_id: UUID) -> bool:
    """Whether any vault has an AP invoice with this id."""
    query = select(invoices.c.id).where(invoices.c.id == invoice_id)
    return (await session.execute(query)).first() is not None


async def add_invoice(
    session: AsyncSession, vault_id: str, stored: StoredInvoice, raw: JsonObject | None = None
) -> None:
    """Write a new AP invoice.

    Raises:
        sqlalchemy.exc.IntegrityError: if the Procore invoice has one already.
    """
    await add_invoices(session, vault_id, [(stored, raw)])


async def add_invoices(
    session: AsyncSession, vault_id: str, fresh: Sequence[tuple[StoredInvoice, JsonObject | None]]
) -> None:
    """The same for many, each with what Procore sent."""
    if fresh:
        rows = [_EMPTY | {"vault_id": vault_id, "raw": raw, **_values(stored)} for stored, raw in fresh]
        await session.execute(_ADDING, records_as_arrays(_NAMES, rows))
        await invoice_lines.add(session, (stored.invoice for stored, _ in fresh))


async def change_invoice(session: AsyncSession, stored: StoredInvoice, raw: JsonObject | None = None) -> None:
    """Write a changed AP invoice that the transaction has locked; ``raw`` comes with new content."""
    values = _values(stored) | ({"raw": raw} if raw is not None else {})
    await session.execute(update(invoices).where(invoices.c.id == stored.invoice.id).values(values))
    if raw is not None:
        await invoice_lines.replace(session, stored.invoice)


async def lock_of_vendor(
    session: AsyncSession, vault_id: str, vendor_id: int, code: str | None, *, limit: int
) -> list[StoredInvoice]:
    """AP invoices of a vendor that have another code than this one, locked."""
    has = invoices.c.header["vendor"]["ledger_code"].as_string()
    query = select(*_READ).where(
        invoices.c.vault_id == vault_id,
        invoices.c.vendor_id == vendor_id,
        invoices.c.removed.is_(None),
        has.is_distinct_from(code),
    )
    rows = await session.execute(query.order_by(invoices.c.id).limit(limit).with_for_update())
    return [stored for _, stored in await _stored(session, rows.all())]


async def find_duplicates(
    session: AsyncSession, vault_id: str, headers: Mapping[UUID, InvoiceHeader]
) -> set[UUID]:
    """Those of the AP invoices whose vendor and number another of the vault has, or one before them here.

    Until the transaction ends, others with the same vendor and number wait.
    """
    numbers = {
        invoice_id: (header.vendor.id, number)
        for invoice_id, header in headers.items()
        if header.vendor.id is not None and (number := comparable_number(header.invoice_number))
    }
    if not numbers:
        return set()
    pairs = sorted(set(numbers.values()))
    await _lock_numbers(session, vault_id, pairs)
    query = select(invoices.c.id, invoices.c.vendor_id, invoices.c.comparable_number).where(
        invoices.c.vault_id == vault_id,
        tuple_(invoices.c.vendor_id, invoices.c.comparable_number).in_(pairs),
    )
    taken: dict[tuple[int, str], set[UUID]] = {pair: set() for pair in pairs}
    for row in await session.execute(query):
        taken[row.vendor_id, row.comparable_number].add(row.id)
    doubled = set()
    for invoice_id, pair in numbers.items():
        if taken[pair] - {invoice_id}:
            doubled.add(invoice_id)
        taken[pair].add(invoice_id)
    return doubled


async def _lock_numbers(session: AsyncSession, vault_id: str, pairs: Sequence[tuple[int, str]]) -> None:
    """Let invoices with the same vendor and number pass one after the other; all take locks in one order."""
    keys = sorted(f"{vault_id}/{vendor_id}/{number}" for vendor_id, number in pairs)
    key = func.unnest(bindparam("keys", keys, ARRAY(Text))).column_valued("key")
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def _stored(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[tuple[str, StoredInvoice]]:
    """Rows as AP invoices, with all their lines in one query."""
    lines = await invoice_lines.lines_of(session, {row.id: row.currency for row in rows if row.currency})
    return [
        (row.vault_id, StoredInvoice(_invoice(row, lines), row.version, row.requisition_id)) for row in rows
    ]


def _invoice(row: Row[Any], lines: Mapping[UUID, tuple[InvoiceLine, ...]]) -> Invoice:
    members: dict[str, Any] = {name: getattr(row, name) for name in (*_PLAIN, *_OBJECTS, "warnings")}
    return Invoice.model_validate({**members, "content": _content(row, lines)}, extra="ignore")


def _content(row: Row[Any], lines: Mapping[UUID, tuple[InvoiceLine, ...]]) -> InvoiceContent | None:
    if row.header is None or row.currency is None:
        return None
    amounts = {name: rounded(getattr(row, name), row.currency) for name in AMOUNTS}
    header = InvoiceHeader.model_validate({**row.header, "currency": row.currency, **amounts}, extra="ignore")
    return InvoiceContent(header=header, lines=lines[row.id])


def _values(stored: StoredInvoice) -> dict[str, Any]:
    invoice = stored.invoice
    values: dict[str, Any] = {name: getattr(invoice, name) for name in _PLAIN}
    for name in _OBJECTS:
        part = getattr(invoice, name)
        values[name] = part.model_dump(mode="json") if part else None
    values["warnings"] = [each.model_dump(mode="json") for each in invoice.warnings]
    if invoice.content is not None:
        values |= _header_values(invoice.content.header)
    if invoice.removed is not None:
        values["comparable_number"] = None
    return values | {"version": stored.version, "requisition_id": stored.requisition_id}


def _header_values(header: InvoiceHeader) -> dict[str, Any]:
    return {
        "header": header.model_dump(mode="json", exclude={*AMOUNTS, "currency"}),
        "currency": header.currency,
        "vendor_id": header.vendor.id,
        "comparable_number": comparable_number(header.invoice_number),
        **{name: getattr(header, name) for name in AMOUNTS},
    }
