"""Import one Procore invoice: fetch, map, and make its AP invoice or queue document (product rule 3)."""

from drawbridge.contracts.actions import OpenInvoice, import_action
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.domain.content_errors import ContentError
from drawbridge.import_service.domain.listed_copy import copy_is_enough
from drawbridge.import_service.store.grid import GridRow, find_original, lock_row, save_rows
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice, fetch_listed
from drawbridge.import_service.usecases.import_all import Import, import_all, require_allowed
from drawbridge.import_service.usecases.import_listed import ListedImporter
from drawbridge.import_service.usecases.known_vault import policy_of, require_selected, vault_of
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import refuse, tell_row
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch
from drawbridge.runtime import utc_now


class InvoiceImporter:
    """Works on `ImportInvoice`: one live AP invoice per Procore invoice, whoever asks and how often."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access
        self._listed = ListedImporter(database, access)

    async def run(self, item: WorkItem, command: ImportInvoice) -> None:
        """Import, or put the row into ``error`` when its content is the problem.

        Raises:
            Refused: when a rule or Procore says no; nothing is changed.
            Retryable: when Procore does not answer.
        """
        if await self._listed.done(item, command):
            return
        async with self._database.reading() as session:
            vault = await vault_of(session, item)
            await require_selected(session, vault, command.project_id)
            row = await find_original(session, vault.id, command.requisition_id)
        _refuse_tied(vault, command, row)
        fetched = await self._fetched(vault, command, row)
        try:
            await import_all(self._database, vault, [Import(item, command, fetched, fetched.mapped())])
        except ContentError as error:
            await self._record_error(item, command, vault, fetched, error)

    async def failed(self, tx: Transaction, item: WorkItem, command: ImportInvoice, problem: Problem) -> None:
        """Record that the last attempt failed: the row goes to ``error`` and may be tried again."""
        old = await lock_row(tx.session, command.vault_id, command.requisition_id)
        if old is None or old.state.import_state in ("imported", "in_queue"):
            refuse(tx, command, problem, item.cause)
            return
        failed = grid_row.failed(old.state, problem, retryable=True)
        row = SeenRow(old, old).as_told(failed, await current_epoch(self._database, tx))
        await save_rows(tx.session, command.vault_id, [row])
        tell_row(tx, command.vault_id, row.state, _failure(tx, command, problem), item.cause)

    async def _fetched(self, vault: Vault, command: ImportInvoice, row: GridRow | None) -> Fetched:
        """The listed copy where that is enough, else the invoice as it is now."""
        procore = self._access.of(vault.settings)
        policy, now = policy_of(vault.settings), utc_now()
        if (
            row is not None
            and row.state.project_id == command.project_id
            and copy_is_enough(row.state, row.raw, command.how, policy, seen_at=row.seen_at, now=now)
        ):
            return await fetch_listed(self._database, procore, vault, command.project_id, row)
        return await fetch_invoice(self._database, procore, vault, command.project_id, command.requisition_id)

    async def _record_error(
        self, item: WorkItem, command: ImportInvoice, vault: Vault, fetched: Fetched, error: ContentError
    ) -> None:
        """Put the row into ``error``; what waits in the queue stays there, and the command is refused."""
        async with self._database.finishing(item) as tx:
            seen = await see_fetched(tx, vault, fetched)
            await require_allowed(tx, command, vault, seen)
            if seen.new.state.import_state == "in_queue":
                raise error
            failed = grid_row.failed(seen.new.state, error.problem, retryable=False)
            epoch = await current_epoch(self._database, tx)
            row = seen.as_told(failed, epoch)
            await save_rows(tx.session, vault.id, [row])
            tell_row(tx, vault.id, row.state, _failure(tx, command, error.problem), item.cause)


def _refuse_tied(vault: Vault, command: ImportInvoice, row: GridRow | None) -> None:
    """Spare Procore a call for what is already tied; the same rule decides again under the lock."""
    if row is not None and row.state.invoice_id is not None:
        opened = command.open_invoice_id and OpenInvoice(command.open_invoice_id, blank=False)
        import_action(row.state, policy_of(vault.settings), opened or None).require()


def _failure(tx: Transaction, command: ImportInvoice, problem: Problem) -> Change:
    return Change(what="import_failed", at=tx.now, by=command.requested_by, detail=problem.message)
