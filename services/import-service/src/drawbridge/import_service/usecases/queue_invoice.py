"""Make queue documents of Procore invoices, in the caller's transaction and under the rows' locks."""

from collections.abc import Sequence
from uuid import uuid4

from drawbridge.contracts.procore_invoices import QueueDocument
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain import grid_row
from drawbridge.import_service.store.grid import save_rows
from drawbridge.import_service.store.queue import StoredDocument, add_documents
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.telling import tell_row
from drawbridge.import_service.usecases.tie_invoice import Tie
from drawbridge.persistence import Transaction


async def queue_invoices(tx: Transaction, vault: Vault, ties: Sequence[Tie], *, epoch: int) -> None:
    """Keep what the rows would be tied with as queue documents, and tell the rows."""
    documents = [_document(tie) for tie in ties]
    await add_documents(tx.session, vault.id, documents)
    rows = [
        tie.seen.as_told(grid_row.queued(tie.seen.new.state, _shown(document)), epoch)
        for tie, document in zip(ties, documents, strict=True)
    ]
    await save_rows(tx.session, vault.id, rows)
    for tie, row in zip(ties, rows, strict=True):
        change = Change(what="queued", at=tx.now, by=tie.filling.by, detail=tie.filling.how)
        tell_row(tx, vault.id, row.state, change, tie.cause)


def _document(tie: Tie) -> StoredDocument:
    return StoredDocument(
        id=uuid4(),
        requisition_id=tie.seen.new.state.requisition_id,
        content=tie.filling.content,
        warnings=tie.filling.warnings,
        content_hash=tie.filling.content_hash,
        updated_at=tie.filling.updated_at,
        fetched_at=tie.seen.new.seen_at,
        raw=tie.filling.raw,
    )


def _shown(document: StoredDocument) -> QueueDocument:
    return QueueDocument(id=document.id, fetched_at=document.fetched_at, content_hash=document.content_hash)
