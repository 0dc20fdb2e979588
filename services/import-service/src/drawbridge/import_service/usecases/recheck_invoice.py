"""Ask Procore again about an AP invoice that was filled from a stored copy (product rule 7)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.invoices import InvoiceSource
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.domain.ap_invoice import is_not_rechecked, rechecked
from drawbridge.import_service.store.grid import GridRow, lock_row, save_rows
from drawbridge.import_service.store.invoices import StoredInvoice, change_invoice, find_invoice
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice
from drawbridge.import_service.usecases.known_vault import known_vault
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import tell_invoice, without_command
from drawbridge.persistence import Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import NOT_FOUND

RECHECK = "recheck_invoice"
_PRIORITY = 2
_AGAIN = timedelta(minutes=15)


def recheck_work(vault_id: str, invoice_id: UUID, cause: Cause) -> NewWork:
    """The work item that re-checks an AP invoice; one at a time for each."""
    return NewWork(
        kind=RECHECK,
        subject=f"invoice/{vault_id}/{invoice_id}",
        vault_id=vault_id,
        payload={"invoice_id": str(invoice_id)},
        cause=without_command(cause),
        priority=_PRIORITY,
        unique=True,
    )


class InvoiceRechecker:
    """Settles what is owed: the warning goes, and what changed in Procore becomes drift."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access

    async def run(self, item: WorkItem) -> None:
        """Re-check once.

        Raises:
            Retryable: when Procore is still silent.
            Refused: when Procore says anything but "not found".
        """
        vault = await known_vault(self._database, item)
        invoice_id = UUID(str(item.payload["invoice_id"]))
        async with self._database.reading() as session:
            stored = await find_invoice(session, vault.id, invoice_id)
        if stored is None or stored.invoice.source is None or not is_not_rechecked(stored.invoice):
            return
        fetched = await self._look(vault, stored.invoice.source)
        async with self._database.finishing(item) as tx:
            await self._settle(tx, item, vault, stored, fetched)

    async def later(self, tx: Transaction, item: WorkItem) -> None:
        """Never give up: Process waits for this answer."""
        again = recheck_work(item.vault_id, UUID(str(item.payload["invoice_id"])), item.cause)
        await tx.add_work(replace(again, not_before=tx.now + _AGAIN))

    async def _look(self, vault: Vault, source: InvoiceSource) -> Fetched | None:
        """The invoice as it is now; None when Procore does not find it."""
        procore = self._access.of(vault.settings)
        try:
            return await fetch_invoice(
                self._database, procore, vault, source.project_id, source.requisition_id
            )
        except Refused as error:
            if error.problem.code == NOT_FOUND:
                return None
            raise

    async def _settle(
        self, tx: Transaction, item: WorkItem, vault: Vault, known: StoredInvoice, fetched: Fetched | None
    ) -> None:
        seen = await _seen(tx, vault, known, fetched)
        stored = await find_invoice(tx.session, vault.id, known.invoice.id, lock=True)
        if seen is None or stored is None:
            return
        epoch = await current_epoch(self._database, tx)
        version = version_after(stored.version, epoch)
        settled = StoredInvoice(rechecked(stored.invoice), version, stored.requisition_id)
        row = seen.as_told(seen.new.state, epoch)
        await change_invoice(tx.session, settled)
        await save_rows(tx.session, vault.id, [row])
        found = row.state.drift.what if row.state.drift else "Nothing had changed in Procore."
        change = Change(what="rechecked", at=tx.now, detail=found)
        tell_invoice(tx, vault.id, settled, row.state, change, without_command(item.cause))


async def _seen(
    tx: Transaction, vault: Vault, stored: StoredInvoice, fetched: Fetched | None
) -> SeenRow | None:
    """The locked row after the look; "not found" is invisible until the next sync knows more."""
    if fetched is not None:
        return await see_fetched(tx, vault, fetched)
    old: GridRow | None = await lock_row(tx.session, vault.id, stored.requisition_id)
    if old is None:
        return None
    gone = grid_row.gone(old.state, tx.now, commitment_visible=False)
    return SeenRow(old, replace(old, state=gone))
