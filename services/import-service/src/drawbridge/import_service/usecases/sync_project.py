"""Re-read all invoices of one project (product rule 1), page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change, Waiting, version_after
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.mapping import Surroundings
from drawbridge.import_service.domain.seeing import commitment_of, seen, vendor_of
from drawbridge.import_service.store.grid import count_rows, save_rows, touch_rows
from drawbridge.import_service.store.projects import (
    find_project,
    save_projects,
    take_sync_requests,
    waiting_for,
)
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.store.vendors import vendor_codes_of
from drawbridge.import_service.usecases.find_absent import AbsenceFinder
from drawbridge.import_service.usecases.known_vault import known_vault, require_project
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.see_invoice import Look, see_rows
from drawbridge.import_service.usecases.telling import (
    postpone,
    refuse,
    tell_row,
    without_command,
)
from drawbridge.persistence import Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import Commitment, Page, Requisition
from drawbridge.runtime import get_logger, utc_now

SYNC_PROJECT = "sync_project"
FRESH = timedelta(seconds=30)
"""A project that was read within this time is not read again for a click."""

_log = get_logger(__name__)


def sync_work(vault_id: str, project_id: int, cause: Cause, priority: int) -> NewWork:
    """The work item that re-reads a project; one at a time, so repeats collapse."""
    return NewWork(
        kind=SYNC_PROJECT,
        subject=f"project/{vault_id}/{project_id}",
        vault_id=vault_id,
        payload={"project_id": project_id},
        cause=without_command(cause),
        priority=priority,
        unique=True,
    )


@dataclass
class _Sync:
    """One running re-read."""

    vault: Vault
    project: ProjectState
    cause: Cause
    commitments: dict[int, Commitment]
    changed: int = 0
    unreadable: int = field(default=0)


class ProjectSync:
    """Works on the items that `sync_work` makes."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access
        self._absent = AbsenceFinder(database)

    async def run(self, item: WorkItem) -> None:
        """Re-read once; every page is committed on its own, the answer when all are.

        Raises:
            Refused: when the vault does not have the project, or Procore says no.
            Retryable: when Procore does not answer.
        """
        started = utc_now()
        vault = await known_vault(self._database, item)
        project_id = _project_id(item)
        await require_project(self._database, vault, project_id)
        procore = self._access.of(vault.settings)
        commitments = {each.id: each for each in await procore.list_commitments(project_id)}
        sync = _Sync(vault, await self._project(vault, project_id), without_command(item.cause), commitments)
        page_began = started
        async for page in procore.list_requisitions(project_id):
            await self._store_page(sync, page, page_began)
            page_began = utc_now()
        sync.changed += await self._absent.settle(
            procore, vault, project_id, started, commitments, sync.cause
        )
        await self._finish(item, sync, started)

    async def failed(self, tx: Transaction, item: WorkItem, problem: Problem) -> None:
        """Say why there is no newer state, and answer who waits."""
        await self._tell(tx, item, problem=problem, waiting=None)
        for command, cause in await _commands(tx, item, take=True):
            refuse(tx, command, problem, cause)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Show that it goes on later."""
        wait = Waiting(reason=problem.code, until=next_at) if waiting else None
        await self._tell(tx, item, problem=None if waiting else problem, waiting=wait)
        for command, cause in await _commands(tx, item, take=False):
            postpone(tx, command, problem, cause, attempt=item.attempts, next_at=next_at, waiting=waiting)

    async def _project(self, vault: Vault, project_id: int) -> ProjectState:
        async with self._database.reading() as session:
            project = await find_project(session, vault.id, project_id)
        if project is None:
            raise Refused(
                "unknown_project",
                f"Procore has not shown the project {project_id} yet.",
                "Check that the app may see the project; new projects appear within some minutes.",
            )
        return project

    async def _store_page(self, sync: _Sync, page: Page[Requisition], began: datetime) -> None:
        """See one page's invoices, tell those that changed."""
        sync.unreadable += len(page.unreadable)
        vault = sync.vault
        async with self._database.transaction() as tx:
            looks = await _looks(tx, sync, page.rows, began)
            rows = await see_rows(tx, vault, looks)
            epoch = await current_epoch(self._database, tx)
            changed = [(row.old, row.as_told(row.new.state, epoch)) for row in rows if row.changed]
            await save_rows(tx.session, vault.id, [new for _, new in changed])
            same = [row.new.state.requisition_id for row in rows if not row.changed]
            await touch_rows(tx.session, vault.id, same, began)
            for old, new in changed:
                what = "changed_in_procore" if old else "seen_in_procore"
                tell_row(tx, vault.id, new.state, Change(what=what, at=tx.now), sync.cause)
        sync.changed += len(changed)

    async def _finish(self, item: WorkItem, sync: _Sync, started: datetime) -> None:
        async with self._database.finishing(item) as tx:
            project_id = sync.project.project_id
            count = await count_rows(tx.session, sync.vault.id, project_id)
            left_out = f", {sync.unreadable} unreadable" if sync.unreadable else ""
            detail = f"{count} invoices, {sync.changed} changed{left_out}"
            known = await find_project(tx.session, sync.vault.id, project_id, lock=True) or sync.project
            state = known.model_copy(
                update={
                    "as_of": started,
                    "invoices": count,
                    "waiting": None,
                    "problem": None,
                    "version": version_after(known.version, await current_epoch(self._database, tx)),
                    "change": Change(what="synced", at=tx.now, detail=detail),
                }
            )
            next_sync = tx.now + timedelta(seconds=sync.vault.settings.poll_seconds)
            await save_projects(tx.session, [state], next_sync)
            causes = await take_sync_requests(tx.session, sync.vault.id, project_id)
            for cause in causes or [sync.cause]:
                tx.send(state, cause=cause)
        _log.info("project.synced", project_id=project_id, detail=detail)

    async def _tell(
        self, tx: Transaction, item: WorkItem, *, problem: Problem | None, waiting: Waiting | None
    ) -> None:
        project = await find_project(tx.session, item.vault_id, _project_id(item), lock=True)
        if project is None or (project.problem == problem and project.waiting == waiting):
            return
        detail = problem.message if problem else ""
        state = project.model_copy(
            update={
                "problem": problem,
                "waiting": waiting,
                "version": version_after(project.version, await current_epoch(self._database, tx)),
                "change": Change(what="sync_postponed", at=tx.now, detail=detail),
            }
        )
        await save_projects(tx.session, [state])
        tx.send(state, cause=without_command(item.cause))


async def _looks(
    tx: Transaction, sync: _Sync, requisitions: Sequence[Requisition], at: datetime
) -> list[Look]:
    """What the page shows; an invoice without even a commitment is no row."""
    vendor_ids = {each.vendor_id for each in requisitions if each.vendor_id}
    codes = await vendor_codes_of(tx.session, sync.vault.id, vendor_ids)
    looks = []
    for each in requisitions:
        try:
            around = _around(sync, each, codes.get(each.vendor_id or 0))
        except UnreadableInvoice as error:
            sync.unreadable += 1
            _log.warning("invoice.unreadable", requisition_id=each.id, problem=error.problem.message)
            continue
        company_id = sync.vault.settings.procore.company_id
        looks.append(Look(seen(each, around, company_id), at, each.raw))
    return looks


def _around(sync: _Sync, requisition: Requisition, ledger_code: str | None) -> Surroundings:
    found = sync.commitments.get(requisition.commitment_id or 0)
    return Surroundings(
        project_id=sync.project.project_id,
        project_name=sync.project.name,
        project_number=sync.project.number,
        commitment=commitment_of(
            requisition, found.number if found else None, found.title if found else None
        ),
        vendor=vendor_of(requisition, ledger_code),
        currency=sync.vault.settings.currency,
    )


async def _commands(tx: Transaction, item: WorkItem, *, take: bool) -> list[tuple[SyncProject, Cause]]:
    """The commands that wait for the item's project."""
    find = take_sync_requests if take else waiting_for
    command = SyncProject(vault_id=item.vault_id, requested_by="", project_id=_project_id(item))
    return [(command, cause) for cause in await find(tx.session, item.vault_id, command.project_id)]


def _project_id(item: WorkItem) -> int:
    return int(str(item.payload["project_id"]))
