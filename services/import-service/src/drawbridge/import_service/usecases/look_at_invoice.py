"""Look at one Procore invoice by itself: what it is now, or that it is gone (product rule 10)."""

from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, replace
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.grid import find_row, lock_row, save_rows
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice
from drawbridge.import_service.usecases.known_vault import known_vault, require_project
from drawbridge.import_service.usecases.procore_port import Procore, ProcoreAccess
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import tell_row, without_command
from drawbridge.persistence import Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import FORBIDDEN, NOT_FOUND
from drawbridge.runtime import get_logger, utc_now

LOOK = "look_at_invoice"
_PRIORITY = 4
_log = get_logger(__name__)

type VisibleCommitments = Callable[[], Awaitable[Container[int]]]
"""Gives the ids of the project's commitments that the app sees; asked only when an invoice is not found."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """Procore does not show the invoice: since when, and whether it still shows its commitment."""

    at: datetime
    commitment_visible: bool


def look_work(vault_id: str, project_id: int, requisition_id: int, cause: Cause) -> NewWork:
    """The work item that looks at an invoice. Several for one invoice cost one call: see `InvoiceLooker`."""
    return NewWork(
        kind=LOOK,
        subject=f"requisition/{vault_id}/{requisition_id}",
        vault_id=vault_id,
        payload={"project_id": project_id, "requisition_id": requisition_id},
        cause=without_command(cause),
        priority=_PRIORITY,
    )


class InvoiceLooker:
    """Works on the items that `look_work` makes.

    Whoever looked after the item was made has seen what it is about, so nothing is asked again then.
    """

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access

    async def run(self, item: WorkItem) -> None:
        """Look once.

        Raises:
            Refused: when the vault does not have the project, or Procore says no.
            Retryable: when Procore does not answer.
        """
        vault = await known_vault(self._database, item)
        project_id, requisition_id = _place(item)
        await require_project(self._database, vault, project_id)
        async with self._database.reading() as session:
            row = await find_row(session, vault.id, requisition_id)
        if row is not None and row.seen_at > item.created_at:
            return
        procore = self._access.of(vault.settings)

        async def visible() -> Container[int]:
            return await procore.list_commitments(project_id)

        await look_at_invoice(
            self._database, procore, vault, project_id, requisition_id, visible, without_command(item.cause)
        )

    async def failed(self, item: WorkItem, problem: Problem) -> None:
        """Nobody waits for it, and the poll will look again."""
        _log.warning("invoice.not_looked_at", subject=item.subject, problem=problem.message)


async def look_at_invoice(
    database: Database,
    procore: Procore,
    vault: Vault,
    project_id: int,
    requisition_id: int,
    visible: VisibleCommitments,
    cause: Cause,
) -> bool:
    """Ask for the invoice, bring its row up to date and tell it; gives whether it changed.

    Raises what `Procore` raises, but for "not found" and "forbidden" of the invoice.
    """
    found = await _find(database, procore, vault, project_id, requisition_id, visible)
    async with database.transaction() as tx:
        seen = await _seen(tx, vault, requisition_id, found)
        if seen is None or not seen.changed:
            return False
        told = seen.as_told(seen.new.state, await current_epoch(database, tx))
        await save_rows(tx.session, vault.id, [told])
        tell_row(tx, vault.id, told.state, _change(tx, seen, found), cause)
    return True


async def _find(
    database: Database,
    procore: Procore,
    vault: Vault,
    project_id: int,
    requisition_id: int,
    visible: VisibleCommitments,
) -> Fetched | _Gone | None:
    """The invoice or its absence; None where nobody here knew an invoice that is not there."""
    at = utc_now()
    try:
        return await fetch_invoice(database, procore, vault, project_id, requisition_id)
    except Refused as error:
        code = error.problem.code
        if code not in (NOT_FOUND, FORBIDDEN):
            raise
    async with database.reading() as session:
        row = await find_row(session, vault.id, requisition_id)
    if row is None:
        return None
    return _Gone(at, code == NOT_FOUND and await _is_visible(row.state.commitment.id, visible))


async def _is_visible(commitment_id: int, visible: VisibleCommitments) -> bool:
    try:
        return commitment_id in await visible()
    except Refused:  # the project, or its commitments, may not be seen either
        return False


async def _seen(
    tx: Transaction, vault: Vault, requisition_id: int, found: Fetched | _Gone | None
) -> SeenRow | None:
    """The locked row after the look; None if there is nothing to change."""
    if isinstance(found, Fetched):
        return await see_fetched(tx, vault, found)
    old = await lock_row(tx.session, vault.id, requisition_id) if found else None
    if old is None or found is None or old.seen_at > found.at:
        return None
    gone = grid_row.gone(old.state, tx.now, commitment_visible=found.commitment_visible)
    return SeenRow(old, replace(old, state=gone, seen_at=found.at))


def _change(tx: Transaction, seen: SeenRow, found: Fetched | _Gone | None) -> Change:
    if isinstance(found, Fetched):
        return Change(what="changed_in_procore" if seen.old else "seen_in_procore", at=tx.now)
    drift = seen.new.state.drift
    return Change(what="missing_in_procore", at=tx.now, detail=drift.what if drift else "")


def _place(item: WorkItem) -> tuple[int, int]:
    return int(str(item.payload["project_id"])), int(str(item.payload["requisition_id"]))
