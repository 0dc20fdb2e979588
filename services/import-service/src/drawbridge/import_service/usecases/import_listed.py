"""Import invoices whose listed copies are enough, as many at once as are asked for at the same moment.

One work item is still one outcome: its row, its AP invoice, its events, its line of history. What is not
plain is left to `InvoiceImporter`, which takes each invoice by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.import_service.domain.content_errors import ContentError
from drawbridge.import_service.domain.listed_copy import copy_is_enough
from drawbridge.import_service.domain.project_selection import selects
from drawbridge.import_service.store.grid import GridRow, find_originals
from drawbridge.import_service.store.projects import find_projects
from drawbridge.import_service.store.vaults import Vault, vaults_of_company
from drawbridge.import_service.store.vendors import vendor_codes_of
from drawbridge.import_service.together import Together
from drawbridge.import_service.usecases.fetch_invoice import fetched_from, known_here
from drawbridge.import_service.usecases.import_all import Import, import_all
from drawbridge.import_service.usecases.known_vault import policy_of, vault_of
from drawbridge.import_service.usecases.procore_port import Procore, ProcoreAccess
from drawbridge.persistence import Database, WorkItem
from drawbridge.procore import Requisition
from drawbridge.runtime import utc_now


@dataclass(frozen=True, slots=True)
class _Asked:
    item: WorkItem
    command: ImportInvoice


@dataclass(frozen=True, slots=True)
class _Known:
    """What this service knows of the invoices of one vault that are asked for."""

    vault: Vault
    rows: Mapping[int, GridRow]
    projects: Mapping[int, ProjectState]
    codes: Mapping[int, str | None]


class ListedImporter:
    """Imports from listed copies, in one transaction for all of a vault that are asked for at once."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access
        self._together = Together(self._import)

    async def done(self, item: WorkItem, command: ImportInvoice) -> bool:
        """Import it and end its item; false where it must be looked at by itself, and nothing was done."""
        if command.how == "manual":
            return False
        return await self._together.done(item.vault_id, _Asked(item, command))

    async def _import(self, _vault_id: str, asked: Sequence[_Asked]) -> list[bool]:
        async with self._database.reading() as session:
            known = await _known(session, asked)
        procore = self._access.of(known.vault.settings)
        found = {each.item.id: await _plain(procore, known, each) for each in _each_once(asked)}
        imports = {item_id: one for item_id, one in found.items() if one is not None}
        if not imports:
            return [False] * len(asked)
        await import_all(self._database, known.vault, list(imports.values()))
        return [each.item.id in imports for each in asked]


async def _known(session: AsyncSession, asked: Sequence[_Asked]) -> _Known:
    vault = await vault_of(session, asked[0].item)
    company_id = vault.settings.procore.company_id
    active = {each.id: each.settings for each in await vaults_of_company(session, company_id)}
    ours = {
        project_id
        for project_id in {each.command.project_id for each in asked}
        if vault.settings.active and selects(vault.id, vault.settings, active, project_id)
    }
    wanted = [each.command.requisition_id for each in asked if each.command.project_id in ours]
    rows = await find_originals(session, vault.id, wanted)
    vendor_ids = {row.state.vendor.id for row in rows.values() if row.state.vendor.id}
    return _Known(
        vault,
        rows,
        await find_projects(session, vault.id, ours),
        await vendor_codes_of(session, vault.id, vendor_ids),
    )


def _each_once(asked: Sequence[_Asked]) -> list[_Asked]:
    """The first of several for one invoice; the next ones find it imported."""
    first: dict[int, _Asked] = {}
    for each in asked:
        first.setdefault(each.command.requisition_id, each)
    return list(first.values())


async def _plain(procore: Procore, known: _Known, asked: _Asked) -> Import | None:
    """The invoice as its listed copy has it; None where that is not enough, or anything is out of the way.

    Raises what `Procore` raises, but for its no.
    """
    command = asked.command
    row, project = known.rows.get(command.requisition_id), known.projects.get(command.project_id)
    if row is None or project is None or row.state.project_id != command.project_id:
        return None
    policy, now = policy_of(known.vault.settings), utc_now()
    if not copy_is_enough(row.state, row.raw, command.how, policy, seen_at=row.seen_at, now=now):
        return None
    requisition = Requisition.read(row.raw or {})
    vendor_id = requisition.vendor_id
    if command.open_invoice_id is not None or (vendor_id and vendor_id not in known.codes):
        return None
    code = known.codes.get(vendor_id or 0)
    try:
        around = known_here(known.vault, project.project_id, project, requisition, code)
        fetched = await fetched_from(procore, known.vault, around, requisition, row.seen_at, None)
        return Import(asked.item, command, fetched, fetched.mapped())
    except ContentError:
        return None
