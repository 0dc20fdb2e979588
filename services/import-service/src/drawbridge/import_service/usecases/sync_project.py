"""Re-read the invoices of one project (product rule 1), page by page."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change, Waiting, version_after
from drawbridge.import_service.domain.sweeping import sweep_is_due
from drawbridge.import_service.store.grid import count_rows
from drawbridge.import_service.store.projects import (
    find_project,
    last_sweep,
    note_sweep,
    save_projects,
    take_sync_requests,
    waiting_for,
)
from drawbridge.import_service.store.vaults import Vault, find_vault
from drawbridge.import_service.usecases.find_absent import AbsenceFinder, hides_project
from drawbridge.import_service.usecases.known_vault import known_vault, require_project
from drawbridge.import_service.usecases.procore_port import Procore, ProcoreAccess
from drawbridge.import_service.usecases.see_page import Reading, see_page
from drawbridge.import_service.usecases.telling import (
    postpone,
    refuse,
    without_command,
)
from drawbridge.persistence import NORMAL, Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import Commitment, Requisition
from drawbridge.runtime import failpoints, get_logger, utc_now

_AFTER_PAGE = failpoints.declare("sync_project.after_page")
SYNC_PROJECT = "sync_project"
FRESH = timedelta(seconds=30)
"""A project that was read within this time is not read again for a click."""

POLL = 7
"""Priority of scheduled polls; what is more urgent was asked for."""

_OVERLAP = timedelta(days=2)
_log = get_logger(__name__)


def sync_work(vault_id: str, project_id: int, cause: Cause, priority: int, *, again: bool = False) -> NewWork:
    """The work item that re-reads a project; one at a time, so repeats collapse.

    With ``again``, a re-read that is running already is followed by another.
    """
    return NewWork(
        kind=SYNC_PROJECT,
        subject=f"project/{vault_id}/{project_id}",
        vault_id=vault_id,
        payload={"project_id": project_id},
        cause=without_command(cause),
        priority=priority,
        unique=True,
        again=again,
    )


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
        project = await self._project(vault, project_id)
        reading = Reading(vault, project, without_command(item.cause))
        since = await self._since(item, reading, started)
        try:
            await self._read(procore, reading, since, started)
        except Refused as error:
            if hides_project(error.problem):
                await self._absent.hide(vault, project_id, started, reading.cause)
            raise
        if since is None:
            reading.changed += await self._absent.settle(
                procore, vault, project_id, started, reading.commitments, reading.cause
            )
        await self._finish(item, reading, started, swept=since is None)

    async def _read(self, procore: Procore, reading: Reading, since: date | None, started: datetime) -> None:
        project_id = reading.project.project_id
        if since is None:
            reading.commitments = await _listed(procore, project_id)
        page_began = started
        async for page in procore.list_requisitions(project_id, since):
            reading.unreadable += len(page.unreadable)
            if since is not None:
                reading.commitments = await _known(procore, project_id, page.rows)
            await see_page(self._database, reading, page.rows, page_began)
            failpoints.hit(_AFTER_PAGE)
            page_began = utc_now()

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

    async def _since(self, item: WorkItem, reading: Reading, started: datetime) -> date | None:
        """From which day on to read: a scheduled poll overlaps by whole days, all else reads everything.

        So does the first poll of a project that Procore shows again.
        """
        async with self._database.reading() as session:
            swept = await last_sweep(session, reading.vault.id, reading.project.project_id)
        project = reading.project
        if item.priority < POLL or swept is None or hides_project(project.problem):
            return None
        if sweep_is_due(swept, started, project.project_id):
            return None
        return (project.as_of or swept).date() - _OVERLAP

    async def _finish(self, item: WorkItem, reading: Reading, started: datetime, *, swept: bool) -> None:
        async with self._database.finishing(item) as tx:
            project_id = reading.project.project_id
            count = await count_rows(tx.session, reading.vault.id, project_id)
            left_out = f", {reading.unreadable} unreadable" if reading.unreadable else ""
            detail = f"{count} invoices, {reading.changed} changed{left_out}"
            known = await find_project(tx.session, reading.vault.id, project_id, lock=True) or reading.project
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
            await save_projects(tx.session, [state])
            if await _settings_changed(tx, reading.vault):
                await tx.add_work(sync_work(reading.vault.id, project_id, reading.cause, NORMAL))
            elif swept:
                await note_sweep(tx.session, reading.vault.id, project_id, started)
            causes = await take_sync_requests(tx.session, reading.vault.id, project_id)
            for cause in causes or [reading.cause]:
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


async def _settings_changed(tx: Transaction, vault: Vault) -> bool:
    """Whether the rows were seen under settings that are no longer in force: all must be seen again."""
    now = await find_vault(tx.session, vault.id)
    return now is not None and now.version != vault.version


async def _listed(procore: Procore, project_id: int) -> Mapping[int, Commitment]:
    """The project's commitments now; none where the app may not see that tool."""
    try:
        return await procore.list_commitments(project_id)
    except Refused:
        return {}


async def _known(procore: Procore, project_id: int, rows: Sequence[Requisition]) -> Mapping[int, Commitment]:
    """Those that the rows name, as known lately: a poll that finds nothing asks for nothing."""
    wanted = {row.commitment_id for row in rows if row.commitment_id}
    try:
        return await procore.commitments(project_id, wanted) if wanted else {}
    except Refused:
        return {}


async def _commands(tx: Transaction, item: WorkItem, *, take: bool) -> list[tuple[SyncProject, Cause]]:
    """The commands that wait for the item's project."""
    find = take_sync_requests if take else waiting_for
    command = SyncProject(vault_id=item.vault_id, requested_by="", project_id=_project_id(item))
    return [(command, cause) for cause in await find(tx.session, item.vault_id, command.project_id)]


def _project_id(item: WorkItem) -> int:
    return int(str(item.payload["project_id"]))
