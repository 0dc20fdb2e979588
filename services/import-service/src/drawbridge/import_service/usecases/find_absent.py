"""What became of invoices, or of a whole project, that a listing no longer shows (product rule 10)."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import DrawbridgeError, Problem
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.grid import lock_rows, save_rows, shown_rows, unseen_since
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.look_at_invoice import look_at_invoice
from drawbridge.import_service.usecases.procore_port import Procore
from drawbridge.import_service.usecases.see_invoice import SeenRow
from drawbridge.import_service.usecases.telling import tell_row
from drawbridge.persistence import Database, Transaction, current_epoch
from drawbridge.procore import FORBIDDEN, NOT_FOUND
from drawbridge.runtime import get_logger, is_transient

_ROWS_A_TRANSACTION = 100
_log = get_logger(__name__)


def hides_project(problem: Problem | None) -> bool:
    """Whether Procore's no to the list of a project's invoices means that the app may not see them."""
    return problem is not None and problem.code in (FORBIDDEN, NOT_FOUND)


class AbsenceFinder:
    """Absence is not deletion: each missing invoice is asked for by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(
        self,
        procore: Procore,
        vault: Vault,
        project_id: int,
        since: datetime,
        commitments: Container[int],
        cause: Cause,
    ) -> int:
        """Settle all rows that were not seen since; gives how many changed.

        Raises what `Procore` raises, but for "not found" and "forbidden".
        """
        async with self._database.reading() as session:
            missing = await unseen_since(session, vault.id, project_id, since)

        async def visible() -> Container[int]:
            return commitments

        changed = 0
        for row in missing:
            if row.state.drift is not None and row.state.drift.kind == "deleted":
                continue
            requisition_id = row.state.requisition_id
            try:
                changed += await look_at_invoice(
                    self._database, procore, vault, project_id, requisition_id, visible, cause
                )
            except Exception as error:
                if is_transient(error) or isinstance(error, DrawbridgeError):
                    raise
                _log.exception("invoice.not_stored", requisition_id=requisition_id)
        return changed

    async def hide(self, vault: Vault, project_id: int, since: datetime, cause: Cause) -> None:
        """Show all rows of a project as invisible: Procore, asked at ``since``, shows none of them.

        Each portion is committed on its own; what was seen later stays.
        """
        last = 0
        while True:
            async with self._database.transaction() as tx:
                shown = await shown_rows(
                    tx.session, vault.id, project_id, after=last, limit=_ROWS_A_TRANSACTION
                )
                await self._hide(tx, vault, shown, since, cause)
            if len(shown) < _ROWS_A_TRANSACTION:
                return
            last = shown[-1]

    async def _hide(
        self, tx: Transaction, vault: Vault, requisition_ids: list[int], since: datetime, cause: Cause
    ) -> None:
        rows = await lock_rows(tx.session, vault.id, requisition_ids)
        epoch, hidden = await current_epoch(self._database, tx), []
        for old in rows.values():
            if old.seen_at > since:
                continue
            gone = grid_row.gone(old.state, tx.now, commitment_visible=False)
            row = SeenRow(old, replace(old, seen_at=since)).as_told(gone, epoch)
            hidden.append(row)
            detail = gone.drift.what if gone.drift else ""
            tell_row(
                tx, vault.id, row.state, Change(what="missing_in_procore", at=tx.now, detail=detail), cause
            )
        await save_rows(tx.session, vault.id, hidden)
