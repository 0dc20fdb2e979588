"""Find the projects of a vault in Procore, and its vendors' codes."""

from dataclasses import dataclass

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain.project_selection import selects
from drawbridge.import_service.store.projects import projects_of, save_projects
from drawbridge.import_service.store.vaults import Vault, find_vault, vaults_of_company
from drawbridge.import_service.usecases.change_vendor_map import Seed, seed_vendors
from drawbridge.import_service.usecases.known_vault import known_vault
from drawbridge.import_service.usecases.procore_port import Procore, ProcoreAccess
from drawbridge.import_service.usecases.sync_project import sync_work
from drawbridge.import_service.usecases.telling import report_problems, without_command
from drawbridge.persistence import NORMAL, Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import Project

LIST_PROJECTS = "list_projects"
_PRIORITY = 1


def listing_work(vault_id: str, cause: Cause, *, again: bool = False) -> NewWork:
    """The work item that lists a vault's projects; one at a time.

    With ``again``, a listing that is running already is followed by another.
    """
    return NewWork(
        kind=LIST_PROJECTS,
        subject=f"vault/{vault_id}",
        vault_id=vault_id,
        payload={},
        cause=without_command(cause),
        priority=_PRIORITY,
        unique=True,
        again=again,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """What Procore showed of a vault."""

    projects: dict[int, Project]
    vendors: list[Seed]


class ProjectLister:
    """Tells new, changed and vanished projects of a vault; new ones are synced at once."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access

    async def run(self, item: WorkItem) -> None:
        """List once; where the settings changed meanwhile, only the next listing tells what it saw.

        Raises what `Procore` raises.
        """
        vault = await known_vault(self._database, item)
        if not vault.settings.active:
            return
        listed = await _list(self._access.of(vault.settings))
        async with self._database.finishing(item) as tx:
            now = await find_vault(tx.session, vault.id)
            if now is not None and now.version != vault.version:
                return
            epoch = await current_epoch(self._database, tx)
            await seed_vendors(tx, vault.id, listed.vendors, item.cause, epoch)
            await self._store(tx, item, vault, listed)
            report_problems(tx, vault.id, vault.version, (), without_command(item.cause))

    async def failed(self, tx: Transaction, item: WorkItem, problem: Problem) -> None:
        """Show on the vault, and on its projects, why nothing new comes; the next listing is scheduled."""
        vault = await find_vault(tx.session, item.vault_id)
        if vault is None:
            return
        report_problems(tx, vault.id, vault.version, (problem,), without_command(item.cause))
        epoch = await current_epoch(self._database, tx)
        change = Change(what="not_listed", at=tx.now, detail=problem.message)
        for known in await projects_of(tx.session, vault.id, lock=True):
            if known.problem == problem:
                continue
            version = version_after(known.version, epoch)
            state = known.model_copy(update={"problem": problem, "version": version, "change": change})
            await save_projects(tx.session, [state])
            tx.send(state, cause=without_command(item.cause))

    async def _store(self, tx: Transaction, item: WorkItem, vault: Vault, listed: _Listed) -> None:
        others = await vaults_of_company(tx.session, vault.settings.procore.company_id)
        active = {each.id: each.settings for each in others}
        ours = {
            project_id: project
            for project_id, project in listed.projects.items()
            if selects(vault.id, vault.settings, active, project_id)
        }
        known = {state.project_id: state for state in await projects_of(tx.session, vault.id, lock=True)}
        epoch = await current_epoch(self._database, tx)
        found = Change(what="found_in_procore", at=tx.now)
        states = [
            _told(vault.id, project, known.get(project_id), epoch, found)
            for project_id, project in sorted(ours.items())
        ]
        vanished = [state for id_, state in known.items() if id_ not in ours and state.active]
        states += [_inactive(state, epoch, Change(what="not_in_procore", at=tx.now)) for state in vanished]
        # One more reading tells whether the app may still see the invoices of a project that ended.
        await tx.add_work(
            *(
                sync_work(vault.id, state.project_id, item.cause, NORMAL)
                for state in vanished
                if selects(vault.id, vault.settings, active, state.project_id)
            )
        )
        changed = [state for state in states if _facts(state) != _facts(known.get(state.project_id))]
        await save_projects(tx.session, changed)
        for state in changed:
            tx.send(state, cause=without_command(item.cause))


async def _list(procore: Procore) -> _Listed:
    projects = {project.id: project for project in await procore.list_projects()}
    try:
        vendors = await procore.list_vendors()
    except Refused:  # the app may not see the directory; codes are then entered by hand
        vendors = []
    seeds: list[Seed] = [
        (vendor.id, vendor.name or "", (vendor.origin_code or "").strip() or None) for vendor in vendors
    ]
    return _Listed(projects, seeds)


def _told(
    vault_id: str, project: Project, known: ProjectState | None, epoch: int, change: Change
) -> ProjectState:
    facts = {
        "name": project.name or project.display_name or str(project.id),
        "number": project.project_number or "",
        "active": True,
        "version": version_after(known.version if known else None, epoch),
        "change": change,
    }
    if known is not None:
        return known.model_copy(update=facts)
    return ProjectState.model_validate({"vault_id": vault_id, "project_id": project.id, **facts})


def _inactive(state: ProjectState, epoch: int, change: Change) -> ProjectState:
    changes = {"active": False, "version": version_after(state.version, epoch), "change": change}
    return state.model_copy(update=changes)


def _facts(state: ProjectState | None) -> tuple[str, str, bool] | None:
    return (state.name, state.number, state.active) if state else None
