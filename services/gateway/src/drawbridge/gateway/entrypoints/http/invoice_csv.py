"""Processed AP invoices as CSV for pull integrations: one line for each line of an invoice."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from drawbridge.contracts.invoices import Invoice, InvoiceLine
from drawbridge.gateway.entrypoints.http.as_csv import Line
from drawbridge.gateway.entrypoints.http.pages import MOST_ITEMS
from drawbridge.gateway.usecases.show_invoice import show_processed
from drawbridge.gateway.usecases.tools import Tools

_HEAD = (
    "invoice_id",
    "revision",
    "processed_at",
    "vendor",
    "ledger_vendor_code",
    "ledger_bill_id",
    "project_number",
    "commitment",
    "invoice_number",
    "billing_date",
    "due_date",
    "currency",
    "gross",
    "retainage_held",
    "retainage_released",
    "tax",
    "net_due",
    "notes",
)
_LINE = (
    "line",
    "procore_line_id",
    "description",
    "cost_code",
    "ledger_account",
    "job",
    "coded_cost_code",
    "line_net",
)
COLUMNS = (*_HEAD, *_LINE)


async def csv_pages(
    tools: Tools, vault_id: str, since: datetime | None, after: tuple[datetime, UUID] | None
) -> AsyncIterator[Sequence[Line]]:
    """The lines of one page after the other."""
    while True:
        found = await show_processed(tools, vault_id, since=since, after=after, limit=MOST_ITEMS)
        yield [line for shown in found for line in _lines(shown.stored.invoice)]
        last = found[-1].stored.invoice if len(found) == MOST_ITEMS else None
        if last is None or last.processed_at is None:
            return
        after = (last.processed_at, last.id)


def _lines(invoice: Invoice) -> Sequence[Line]:
    head = _head(invoice)
    lines = invoice.content.lines if invoice.content else ()
    return [(*head, *_line(line)) for line in lines] or [(*head, *[None] * len(_LINE))]


def _head(invoice: Invoice) -> Line:
    start = (
        invoice.id,
        invoice.revision,
        invoice.processed_at.isoformat() if invoice.processed_at else None,
    )
    if invoice.content is None:
        return (*start, *[None] * (len(_HEAD) - len(start)))
    header, ours, ledger = invoice.content.header, invoice.overrides, invoice.ledger
    return (
        *start,
        header.vendor.name,
        ledger.ledger_vendor_code or ours.ledger_vendor_code or header.vendor.ledger_code,
        ledger.ledger_bill_id,
        header.project_number,
        header.commitment.number,
        header.invoice_number,
        header.billing_date,
        ours.due_date or header.due_date,
        header.currency,
        header.gross,
        header.retainage_held,
        header.retainage_released,
        header.tax,
        header.net_due,
        ours.notes,
    )


def _line(line: InvoiceLine) -> Line:
    coding = line.coding
    return (
        line.position,
        line.procore_line_id,
        line.description,
        line.cost_code,
        coding.ledger_account,
        coding.job,
        coding.cost_code,
        line.net,
    )
