"""The grid as CSV: every row of the chosen part, read page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from drawbridge.gateway.entrypoints.http.as_csv import Line
from drawbridge.gateway.entrypoints.http.pages import MOST_ITEMS
from drawbridge.gateway.usecases.show_grid import GridQuery, ShownRow, show_grid
from drawbridge.gateway.usecases.tools import Tools

COLUMNS = (
    "requisition_id",
    "project_id",
    "project",
    "commitment",
    "vendor",
    "invoice_number",
    "application_number",
    "billing_date",
    "net_due",
    "retainage",
    "currency",
    "procore_status",
    "import_state",
    "error",
    "advice",
    "held_reason",
    "drift",
    "invoice_id",
    "invoice_status",
    "imported_at",
    "imported_by",
    "payment_state",
)


async def csv_pages(tools: Tools, query: GridQuery) -> AsyncIterator[Sequence[Line]]:
    """The lines of one page after the other."""
    while True:
        grid = await show_grid(tools, replace(query, limit=MOST_ITEMS))
        yield [_line(shown) for shown in grid.rows]
        if grid.next_cursor is None:
            return
        query = replace(query, after=query.sort.place(grid.next_cursor))


def _line(shown: ShownRow) -> Line:
    row = shown.item.row
    problem = row.problem if row.import_state == "error" else None
    return (
        row.requisition_id,
        row.project_id,
        row.project_name,
        row.commitment.number,
        row.vendor.name,
        row.invoice_number,
        row.number,
        row.billing_date,
        row.net_due,
        row.retainage,
        row.currency,
        row.procore_status,
        row.import_state,
        problem.message if problem else None,
        problem.advice if problem else None,
        row.held_reason,
        row.drift.what if row.drift else None,
        row.invoice_id,
        row.invoice_status,
        row.imported_at.isoformat() if row.imported_at else None,
        row.imported_by,
        shown.item.payment_state,
    )
