"""Queue documents: approved Procore invoices that wait to become AP invoices."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoices import InvoiceContent, Warned
from drawbridge.import_service.store.tables import JsonObject, QueueDocumentRow, queue_documents
from drawbridge.persistence import bulk_insert, records_as_arrays

_NAMES = tuple(queue_documents.c.keys())
_ADDING = bulk_insert(queue_documents, _NAMES)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A queue document with its content as it was fetched."""

    id: UUID
    requisition_id: int
    content: InvoiceContent
    warnings: tuple[Warned, ...]
    content_hash: str
    updated_at: datetime | None
    fetched_at: datetime
    raw: JsonObject


async def find_document(session: AsyncSession, vault_id: str, document_id: UUID) -> StoredDocument | None:
    """One queue document; gone once it was consumed."""
    row = await session.get(QueueDocumentRow, document_id)
    if row is None or row.vault_id != vault_id:
        return None
    return StoredDocument(
        id=row.id,
        requisition_id=row.requisition_id,
        content=InvoiceContent.model_validate(row.content, extra="ignore"),
        warnings=tuple(Warned.model_validate(each, extra="ignore") for each in row.warnings),
        content_hash=row.content_hash,
        updated_at=row.updated_at,
        fetched_at=row.fetched_at,
        raw=row.raw,
    )


async def add_documents(session: AsyncSession, vault_id: str, documents: Sequence[StoredDocument]) -> None:
    """Keep queue documents; the caller holds their rows' locks."""
    if documents:
        rows = [_values(vault_id, document) for document in documents]
        await session.execute(_ADDING, records_as_arrays(_NAMES, rows))


async def remove_documents(session: AsyncSession, vault_id: str, requisition_ids: Collection[int]) -> None:
    """Consume the queue documents of Procore invoices, as far as they have one."""
    if requisition_ids:
        await session.execute(
            delete(queue_documents).where(
                queue_documents.c.vault_id == vault_id,
                queue_documents.c.requisition_id.in_(requisition_ids),
            )
        )


def _values(vault_id: str, document: StoredDocument) -> dict[str, Any]:
    return {
        "id": document.id,
        "vault_id": vault_id,
        "requisition_id": document.requisition_id,
        "content": document.content.model_dump(mode="json"),
        "warnings": [each.model_dump(mode="json") for each in document.warnings],
        "content_hash": document.content_hash,
        "updated_at": document.updated_at,
        "fetched_at": document.fetched_at,
        "raw": document.raw,
    }
