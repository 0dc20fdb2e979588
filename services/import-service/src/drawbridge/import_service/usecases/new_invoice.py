"""New Invoice on a queue document: look at Procore once more, then fill (product rule 7)."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from drawbridge.contracts.actions import accepted_action
from drawbridge.contracts.errors import Problem, Retryable
from drawbridge.contracts.import_commands import NewInvoice
from drawbridge.import_service.domain.ap_invoice import NOT_RECHECKED
from drawbridge.import_service.domain.diff import differences
from drawbridge.import_service.domain.refusals import no_queue_document
from drawbridge.import_service.store.grid import GridRow, find_row, lock_row
from drawbridge.import_service.store.queue import StoredDocument, find_document
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice
from drawbridge.import_service.usecases.known_vault import known_vault, policy_of
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.recheck_invoice import recheck_work
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import refuse, require_version
from drawbridge.import_service.usecases.tie_invoice import Filling, Tie, tie_invoice
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch

CHANGED = Problem(
    code="changed_in_procore",
    message="The invoice was changed in Procore since it was queued.",
    advice="Look at the differences; repeat with the content hash to accept them.",
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A queue document and its row, as they are before Procore is asked."""

    document: StoredDocument
    row: GridRow


class QueuedInvoiceMaker:
    """Works on `NewInvoice`. ``patience`` is how long Procore may take to answer the re-check."""

    def __init__(self, database: Database, access: ProcoreAccess, patience: timedelta) -> None:
        self._database = database
        self._access = access
        self._patience = patience.total_seconds()

    async def run(self, item: WorkItem, command: NewInvoice) -> None:
        """Fill from Procore if it answers and is unchanged or accepted, from the stored copy if it is silent.

        Raises:
            Refused: when the document is gone, or Procore's invoice is no longer accepted or cannot be read.
        """
        vault = await known_vault(self._database, item)
        waiting = await self._waiting(vault, command)
        fetched = await self._recheck(vault, waiting)
        if fetched is None:
            await self._fill_from_copy(item, command, vault, waiting)
            return
        accepted = (waiting.document.content_hash, command.content_hash)
        if fetched.seen.content_hash in accepted:
            await self._fill(item, command, vault, fetched)
        else:
            await self._refuse_changed(item, command, waiting, fetched)

    async def failed(self, tx: Transaction, item: WorkItem, command: NewInvoice, problem: Problem) -> None:
        """Say that the last attempt failed; the document still waits."""
        refuse(tx, command, problem, item.cause)

    async def _waiting(self, vault: Vault, command: NewInvoice) -> _Waiting:
        async with self._database.reading() as session:
            document = await find_document(session, vault.id, command.queue_document_id)
            row = await find_row(session, vault.id, document.requisition_id) if document else None
        if document is None or row is None:
            raise no_queue_document()
        return _Waiting(document, row)

    async def _recheck(self, vault: Vault, waiting: _Waiting) -> Fetched | None:
        """Ask Procore; None when it is silent for too long or its limit is reached."""
        row = waiting.row.state
        procore = self._access.of(vault.settings)
        try:
            async with asyncio.timeout(self._patience):
                return await fetch_invoice(self._database, procore, vault, row.project_id, row.requisition_id)
        except (TimeoutError, Retryable):
            return None

    async def _fill(self, item: WorkItem, command: NewInvoice, vault: Vault, fetched: Fetched) -> None:
        mapped = fetched.mapped()
        async with self._database.finishing(item) as tx:
            seen = await see_fetched(tx, vault, fetched)
            await _allowed(tx, command, vault, seen)
            filling = Filling(
                content=mapped.content,
                warnings=mapped.warnings,
                content_hash=fetched.seen.content_hash,
                updated_at=fetched.seen.procore_updated_at,
                raw=fetched.requisition.raw,
                by=command.requested_by,
                how="manual",
            )
            epoch = await current_epoch(self._database, tx)
            await tie_invoice(tx, vault, Tie(seen, filling, item.cause), epoch=epoch)

    async def _fill_from_copy(
        self, item: WorkItem, command: NewInvoice, vault: Vault, waiting: _Waiting
    ) -> None:
        document = waiting.document
        if command.content_hash not in (None, document.content_hash):
            raise Retryable("Procore does not answer, and only it has the content that was accepted.")
        async with self._database.finishing(item) as tx:
            old = await lock_row(tx.session, vault.id, document.requisition_id)
            if old is None:
                raise no_queue_document()
            seen = SeenRow(old, old)
            await _allowed(tx, command, vault, seen)
            filling = Filling(
                content=document.content,
                warnings=(*document.warnings, NOT_RECHECKED),
                content_hash=document.content_hash,
                updated_at=document.updated_at,
                raw=document.raw,
                by=command.requested_by,
                how="manual",
            )
            epoch = await current_epoch(self._database, tx)
            tied = await tie_invoice(tx, vault, Tie(seen, filling, item.cause), epoch=epoch)
            await tx.add_work(recheck_work(vault.id, tied.stored.invoice.id, item.cause))

    async def _refuse_changed(
        self, item: WorkItem, command: NewInvoice, waiting: _Waiting, fetched: Fetched
    ) -> None:
        changed = differences(waiting.document.content, fetched.mapped().content)
        async with self._database.finishing(item) as tx:
            refuse(tx, command, CHANGED, item.cause, changed, fetched.seen.content_hash)


async def _allowed(tx: Transaction, command: NewInvoice, vault: Vault, seen: SeenRow) -> None:
    """Enforce, under the row's lock, that the document still waits and Procore's status is accepted."""
    if await find_document(tx.session, vault.id, command.queue_document_id) is None:
        raise no_queue_document()
    require_version(command.expected_version, seen.old.state.version if seen.old else None)
    accepted_action(seen.new.state.procore_status, policy_of(vault.settings)).require()
