"""Show the grid: a page of Procore invoices, each with its actions and why not (product rules 1 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from drawbridge.contracts.actions import OpenInvoice
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.gateway.domain.grid_sort import LATEST, Place, Sort
from drawbridge.gateway.domain.page_actions import PageActions
from drawbridge.gateway.domain.past_days import first_day
from drawbridge.gateway.domain.payments_flow import PaymentsFlow, payments_flow
from drawbridge.gateway.domain.policy import opened, policy_of
from drawbridge.gateway.store.grid import GridFilter, GridItem, find_rows, get_item, list_rows
from drawbridge.gateway.store.grid_setting import grid_setting
from drawbridge.gateway.store.history import HistoryLine, history_of
from drawbridge.gateway.store.invoices import find_invoice
from drawbridge.gateway.store.procore_invoices import get_row
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.persistence import PreparedReads


@dataclass(frozen=True, slots=True)
class GridQuery:
    """Which part of the grid. ``past_days`` None shows all; ``after`` is the last row of the page before.

    ``words`` looks for the best hits in all days, on one page.
    """

    vault_id: str
    chosen: GridFilter
    now: datetime
    past_days: int | None = 30
    open_invoice_id: UUID | None = None
    sort: Sort = LATEST
    after: Place | None = None
    limit: int = 100
    words: str = ""


class ShownRow(NamedTuple):
    """A row with its actions: each one by its name, as the JSON of an `Action`."""

    item: GridItem
    actions: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grid:
    """One page, and the cursor of the next one, if there is one."""

    rows: list[ShownRow]
    project: ProjectState | None
    payments_flow: PaymentsFlow
    next_cursor: str | None


async def show_grid(tools: Tools, query: GridQuery) -> Grid:
    """One page of the grid of a vault.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.prepared() as reads:
        setting = await grid_setting(reads, query.vault_id, query.chosen.project_id)
        items = await _items(reads, query, setting.settings)
    open_invoice = await _open(tools, query.vault_id, query.open_invoice_id)
    actions = PageActions(policy_of(setting.settings), open_invoice)
    page = items[: query.limit]
    more = len(items) > query.limit and not query.words
    cursor = query.sort.cursor(page[-1].key, page[-1].row["requisition_id"]) if more else None
    return Grid(
        [ShownRow(item, actions.of(item.row)) for item in page],
        setting.project,
        payments_flow(setting.settings, setting.jobs),
        cursor,
    )


async def show_row(
    tools: Tools, vault_id: str, requisition_id: int, open_invoice_id: UUID | None = None
) -> ShownRow:
    """One row.

    Raises:
        NotFound: when there is no such vault or row.
    """
    async with tools.database.prepared() as reads:
        setting = await grid_setting(reads, vault_id, None)
        item = await get_item(reads, vault_id, requisition_id)
    open_invoice = await _open(tools, vault_id, open_invoice_id)
    return ShownRow(item, PageActions(policy_of(setting.settings), open_invoice).of(item.row))


async def show_row_history(tools: Tools, vault_id: str, requisition_id: int) -> list[HistoryLine]:
    """What happened to a Procore invoice, the newest first.

    Raises:
        NotFound: when there is no such vault or row.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        await get_row(session, vault_id, requisition_id)
        return await history_of(session, f"requisition/{vault_id}/{requisition_id}")


async def _items(reads: PreparedReads, query: GridQuery, settings: VaultSettings) -> list[GridItem]:
    if query.words:
        return await find_rows(reads, query.vault_id, query.chosen, query.words, limit=query.limit)
    chosen = replace(query.chosen, since=_since(query, settings))
    return await list_rows(
        reads, query.vault_id, chosen, query.sort, after=query.after, limit=query.limit + 1
    )


def _since(query: GridQuery, settings: VaultSettings) -> date | None:
    if query.past_days is None:
        return None
    return first_day(query.now, settings.time_zone, query.past_days)


async def _open(tools: Tools, vault_id: str, invoice_id: UUID | None) -> OpenInvoice | None:
    """The AP invoice that the user has open, if there is one."""
    if invoice_id is None:
        return None
    async with tools.database.looking() as session:
        found = await find_invoice(session, vault_id, invoice_id)
    return opened(found.invoice if found else None)
