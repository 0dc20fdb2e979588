"""What became of invoices that a complete listing no longer shows (product rule 10)."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import DrawbridgeError, Refused
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.grid import GridRow, lock_row, save_rows, unseen_since
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice
from drawbridge.import_service.usecases.procore_port import Procore
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import tell_row
from drawbridge.persistence import Database, Transaction, current_epoch
from drawbridge.procore import FORBIDDEN, NOT_FOUND
from drawbridge.runtime import get_logger, is_transient

_log = get_logger(__name__)


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
        changed = 0
        for row in missing:
            if row.state.drift is not None and row.state.drift.kind == "deleted":
                continue
            try:
                changed += await self._settle_one(procore, vault, row, commitments, cause)
            except Exception as error:
                if is_transient(error) or isinstance(error, DrawbridgeError):
                    raise
                _log.exception("invoice.not_stored", requisition_id=row.state.requisition_id)
        return changed

    async def _settle_one(
        self, procore: Procore, vault: Vault, row: GridRow, commitments: Container[int], cause: Cause
    ) -> bool:
        state = row.state
        commitment_visible = state.commitment.id in commitments
        try:
            fetched = await fetch_invoice(
                self._database, procore, vault, state.project_id, state.requisition_id
            )
        except Refused as error:
            if error.problem.code not in (NOT_FOUND, FORBIDDEN):
                raise
            fetched, commitment_visible = None, commitment_visible and error.problem.code == NOT_FOUND
        async with self._database.transaction() as tx:
            seen = await _seen(tx, vault, row, fetched, commitment_visible=commitment_visible)
            if seen is None or not seen.changed:
                return False
            told = seen.as_told(seen.new.state, await current_epoch(self._database, tx))
            await save_rows(tx.session, vault.id, [told])
            drift = told.state.drift
            change = Change(what="missing_in_procore", at=tx.now, detail=drift.what if drift else "")
            tell_row(tx, vault.id, told.state, change, cause)
        return True


async def _seen(
    tx: Transaction, vault: Vault, row: GridRow, fetched: Fetched | None, *, commitment_visible: bool
) -> SeenRow | None:
    """The locked row after asking for it by itself; None if it is gone from here too."""
    if fetched is not None:
        return await see_fetched(tx, vault, fetched)
    old = await lock_row(tx.session, vault.id, row.state.requisition_id)
    if old is None:
        return None
    gone = grid_row.gone(old.state, tx.now, commitment_visible=commitment_visible)
    return SeenRow(old, replace(old, state=gone))
