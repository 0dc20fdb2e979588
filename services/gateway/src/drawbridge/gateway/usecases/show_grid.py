"""Show the grid: a page of Procore invoices, each with its actions and why not (product rules 1 and 6)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.actions import OpenInvoice, RowActions, row_actions
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.gateway.domain.grid_sort import LATEST, Place, Sort
from drawbridge.gateway.domain.past_days import first_day
from drawbridge.gateway.domain.payments_flow import PaymentsFlow, payments_flow
from drawbridge.gateway.domain.policy import opened, policy_of
from drawbridge.gateway.store.grid import GridFilter, GridItem, find_rows, list_rows
from drawbridge.gateway.store.grid_setting import grid_setting
from drawbridge.gateway.store.history import HistoryLine, history_of
from drawbridge.gateway.store.invoices import find_invoice
from drawbridge.gateway.store.procore_invoices import get_row
from drawbridge.gateway.store.vaults import Vault, get_vault
from drawbridge.gateway.usecases.tools import Tools


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


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with its actions."""

    item: GridItem
    actions: RowActions


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
    async with tools.database.looking() as session:
        vault, jobs, project = await grid_setting(session, query.vault_id, query.chosen.project_id)
        items = await _items(session, query, vault)
        flow = payments_flow(vault.settings, jobs)
        open_invoice = await _open(session, vault.id, query.open_invoice_id)
    page = items[: query.limit]
    policy = policy_of(vault.settings)
    rows = [ShownRow(item, row_actions(item.row, policy, open_invoice)) for item in page]
    more = len(items) > query.limit and not query.words
    cursor = query.sort.cursor(page[-1].key, page[-1].row.requisition_id) if more else None
    return Grid(rows, project, flow, cursor)


async def show_row(
    tools: Tools, vault_id: str, requisition_id: int, open_invoice_id: UUID | None = None
) -> ShownRow:
    """One row.

    Raises:
        NotFound: when there is no such vault or row.
    """
    async with tools.database.reading() as session:
        vault = await get_vault(session, vault_id)
        item = await get_row(session, vault_id, requisition_id)
        open_invoice = await _open(session, vault_id, open_invoice_id)
    return ShownRow(item, row_actions(item.row, policy_of(vault.settings), open_invoice))


async def show_row_history(tools: Tools, vault_id: str, requisition_id: int) -> list[HistoryLine]:
    """What happened to a Procore invoice, the newest first.

    Raises:
        NotFound: when there is no such vault or row.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        await get_row(session, vault_id, requisition_id)
        return await history_of(session, f"requisition/{vault_id}/{requisition_id}")


async def _items(session: AsyncSession, query: GridQuery, vault: Vault) -> list[GridItem]:
    if query.words:
        return (await find_rows(session, vault.id, query.chosen, query.words))[: query.limit]
    chosen = replace(query.chosen, since=_since(query, vault))
    return await list_rows(session, vault.id, chosen, query.sort, after=query.after, limit=query.limit + 1)


def _since(query: GridQuery, vault: Vault) -> date | None:
    if query.past_days is None:
        return None
    return first_day(query.now, vault.settings.time_zone, query.past_days)


async def _open(session: AsyncSession, vault_id: str, invoice_id: UUID | None) -> OpenInvoice | None:
    found = await find_invoice(session, vault_id, invoice_id) if invoice_id else None
    return opened(found.invoice if found else None)
