"""Make the queue document of a Procore invoice, in the caller's transaction and under the row's lock."""

from uuid import uuid4

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.procore_invoices import QueueDocument
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.grid import save_rows
from drawbridge.import_service.store.queue import StoredDocument, add_document
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.see_invoice import SeenRow
from drawbridge.import_service.usecases.telling import tell_row
from drawbridge.import_service.usecases.tie_invoice import Filling
from drawbridge.persistence import Transaction


async def queue_invoice(
    tx: Transaction, vault: Vault, seen: SeenRow, filling: Filling, *, epoch: int, cause: Cause
) -> None:
    """Keep the fetched content as a queue document and tell the row."""
    document = StoredDocument(
        id=uuid4(),
        requisition_id=seen.new.state.requisition_id,
        content=filling.content,
        warnings=filling.warnings,
        content_hash=filling.content_hash,
        updated_at=filling.updated_at,
        fetched_at=seen.new.seen_at,
        raw=filling.raw,
    )
    await add_document(tx.session, vault.id, document)
    shown = QueueDocument(id=document.id, fetched_at=document.fetched_at, content_hash=document.content_hash)
    row = seen.as_told(grid_row.queued(seen.new.state, shown), epoch)
    await save_rows(tx.session, vault.id, [row])
    change = Change(what="queued", at=tx.now, by=filling.by, detail=filling.how)
    tell_row(tx, vault.id, row.state, change, cause)
