"""The lines of AP invoices."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoices import Invoice, InvoiceLine, LineCoding
from drawbridge.import_service.domain.amounts import rounded
from drawbridge.import_service.store.tables import invoice_lines
from drawbridge.persistence import bulk_insert, records_as_arrays

_AMOUNTS = (
    "scheduled_value",
    "work_this_period",
    "materials_stored",
    "retainage_held",
    "retainage_released",
    "tax",
    "net",
)
_NAMES = tuple(invoice_lines.c.keys())
_ADDING = bulk_insert(invoice_lines, _NAMES)
_MEMBERS = tuple(name for name in InvoiceLine.model_fields if name != "coding")


async def lines_of(
    session: AsyncSession, currencies: Mapping[UUID, str]
) -> dict[UUID, tuple[InvoiceLine, ...]]:
    """The lines of AP invoices by position, amounts with the decimals of each one's currency."""
    query = select(invoice_lines).where(invoice_lines.c.invoice_id.in_(list(currencies)))
    rows = await session.execute(query.order_by(invoice_lines.c.position))
    found: dict[UUID, list[InvoiceLine]] = {invoice_id: [] for invoice_id in currencies}
    for row in rows:
        found[row.invoice_id].append(_line(row, currencies[row.invoice_id]))
    return {invoice_id: tuple(lines) for invoice_id, lines in found.items()}


async def replace(session: AsyncSession, invoice: Invoice) -> None:
    """Write the lines of an AP invoice instead of those that it had."""
    await session.execute(delete(invoice_lines).where(invoice_lines.c.invoice_id == invoice.id))
    await add(session, [invoice])


async def add(session: AsyncSession, invoices: Iterable[Invoice]) -> None:
    """Write the lines of AP invoices that have none stored."""
    rows = [
        _values(invoice.id, line)
        for invoice in invoices
        for line in (invoice.content.lines if invoice.content else ())
    ]
    if rows:
        await session.execute(_ADDING, records_as_arrays(_NAMES, rows))


def _line(row: Row[Any], currency: str) -> InvoiceLine:
    members: dict[str, Any] = {name: getattr(row, name) for name in _MEMBERS}
    members |= {name: rounded(members[name], currency) for name in _AMOUNTS}
    coding = LineCoding(ledger_account=row.coded_account, job=row.coded_job, cost_code=row.coded_cost_code)
    return InvoiceLine.model_validate({**members, "coding": coding})


def _values(invoice_id: UUID, line: InvoiceLine) -> dict[str, Any]:
    return {
        "invoice_id": invoice_id,
        **{name: getattr(line, name) for name in _MEMBERS},
        "coded_account": line.coding.ledger_account,
        "coded_job": line.coding.job,
        "coded_cost_code": line.coding.cost_code,
    }
