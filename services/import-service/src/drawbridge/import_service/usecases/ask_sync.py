"""Commands to re-read a project: repeats collapse, and each is answered (product rule 1)."""

from collections.abc import Sequence
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change
from drawbridge.import_service.store.projects import add_sync_requests, find_project
from drawbridge.import_service.usecases.sync_project import FRESH, sync_work
from drawbridge.persistence import CLICK, Transaction


async def ask_sync(tx: Transaction, commands: Sequence[tuple[SyncProject, Cause]]) -> None:
    """Answer from what is known where that is fresh; else let the command wait for the one sync."""
    waiting: list[tuple[str, int, Cause]] = []
    for command, cause in commands:
        known = await find_project(tx.session, command.vault_id, command.project_id)
        if known is not None and _is_fresh(known, tx.now):
            change = Change(what="sync_collapsed", at=tx.now, by=command.requested_by)
            tx.send(known.model_copy(update={"change": change}), cause=cause)
        else:
            waiting.append((command.vault_id, command.project_id, cause))
    if not waiting:
        return
    await add_sync_requests(tx.session, waiting)
    await tx.add_work(
        *(sync_work(vault_id, project_id, cause, CLICK) for vault_id, project_id, cause in waiting)
    )


def _is_fresh(project: ProjectState, now: datetime) -> bool:
    """Read lately and well; the state of a project that waits would leave its operation waiting for ever."""
    if project.problem is not None or project.waiting is not None or project.as_of is None:
        return False
    return now - project.as_of < FRESH
