"""The grid as CSV: every row of the chosen part, read page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from decimal import Decimal

from drawbridge.gateway.entrypoints.http.as_csv import Line
from drawbridge.gateway.entrypoints.http.pages import MOST_ITEMS
from drawbridge.gateway.entrypoints.http.rows import members_of
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
    row = members_of(shown)
    error, drift = row["error"] or {}, row["drift"] or {}
    return (
        row["requisition_id"],
        row["project_id"],
        row["project_name"],
        row["commitment"]["number"],
        row["vendor"]["name"],
        row["invoice_number"],
        row["number"],
        row["billing_date"],
        _amount(row["net_due"]),
        _amount(row["retainage"]),
        row["currency"],
        row["procore_status"],
        row["import_state"],
        error.get("message"),
        error.get("advice"),
        row["held_reason"],
        drift.get("what"),
        row["invoice_id"],
        row["invoice_status"],
        row["imported_at"],
        row["imported_by"],
        row["payment_state"],
    )


def _amount(text: str | None) -> Decimal | None:
    """A number, also where it is negative: only texts can be formulas."""
    return None if text is None else Decimal(text)
