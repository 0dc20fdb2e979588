"""A person sets a row aside: dismisses its error, or deletes its queue document (product rule 12)."""

from dataclasses import replace

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import DeleteQueueDocument, DismissError, ImportCommand
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.domain.refusals import no_queue_document
from drawbridge.import_service.store.grid import GridRow, lock_row, save_rows
from drawbridge.import_service.store.queue import find_document, remove_documents
from drawbridge.import_service.usecases.telling import raised, require_version, tell_row
from drawbridge.persistence import Transaction


async def dismiss_error(tx: Transaction, command: DismissError, cause: Cause, epoch: int) -> None:
    """Hold a row in error.

    Raises:
        Refused: ``not_in_error``, or ``version_conflict``.
    """
    row = await lock_row(tx.session, command.vault_id, command.requisition_id)
    if row is not None:
        require_version(command.expected_version, row.state.version)
    if row is None or row.state.import_state != "error":
        raise Refused(
            "not_in_error", "This Procore invoice is not in error.", "Look at its state in the grid."
        )
    change = Change(what="dismissed", at=tx.now, by=command.requested_by, detail=command.reason)
    await _hold(tx, command, row, f"dismissed: {command.reason}", change, cause, epoch)


async def delete_document(tx: Transaction, command: DeleteQueueDocument, cause: Cause, epoch: int) -> None:
    """Take a document out of the queue and hold its row.

    Raises:
        Refused: ``no_queue_document``, or ``version_conflict``.
    """
    found = await find_document(tx.session, command.vault_id, command.queue_document_id)
    row = await lock_row(tx.session, command.vault_id, found.requisition_id) if found else None
    if row is None or row.state.queue_document is None:
        raise no_queue_document()
    if row.state.queue_document.id != command.queue_document_id:
        raise no_queue_document()
    require_version(command.expected_version, row.state.version)
    await remove_documents(tx.session, command.vault_id, [row.state.requisition_id])
    change = Change(what="unqueued", at=tx.now, by=command.requested_by, detail=command.reason)
    await _hold(tx, command, row, f"deleted from the queue: {command.reason}", change, cause, epoch)


async def _hold(  # what, why, and in which story
    tx: Transaction,
    command: ImportCommand,
    row: GridRow,
    reason: str,
    change: Change,
    cause: Cause,
    epoch: int,
) -> None:
    state = raised(grid_row.held(row.state, reason), row.state, epoch)
    await save_rows(tx.session, command.vault_id, [replace(row, state=state)])
    tell_row(tx, command.vault_id, state, change, cause)
