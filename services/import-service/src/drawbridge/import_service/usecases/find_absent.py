"""What became of invoices that a complete listing no longer shows (product rule 10)."""

from collections.abc import Container
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import DrawbridgeError
from drawbridge.import_service.store.grid import unseen_since
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.look_at_invoice import look_at_invoice
from drawbridge.import_service.usecases.procore_port import Procore
from drawbridge.persistence import Database
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
