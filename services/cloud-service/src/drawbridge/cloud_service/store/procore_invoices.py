"""Reads and writes of the Procore invoices that import-service told of."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from drawbridge.cloud_service.store.subjects import Subject, among
from drawbridge.cloud_service.store.tables import core, procore_invoices
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState
from drawbridge.persistence import Transaction
from drawbridge.persistence.snapshots import Kept, keep

KEPT = Kept("import-service", ProcoreInvoiceState, procore_invoices)


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A row as import-service told it: when, and in which snapshot, if in one."""

    vault_id: str
    row: ProcoreInvoice
    at: datetime
    snapshot_id: str | None


async def save_newer(tx: Transaction, told: Sequence[ToldRow]) -> list[Subject]:
    """Store what is newer than what is known; gives the subjects that changed."""
    changed = await keep(tx.session, core, KEPT, [_values(each) for each in told])
    return [(row.vault_id, row.requisition_id) for row in changed]


async def find_rows(tx: Transaction, subjects: Collection[Subject]) -> dict[Subject, ProcoreInvoice]:
    """The rows of those of the subjects that are known."""
    if not subjects:
        return {}
    query = select(procore_invoices.c.vault_id, procore_invoices.c.data).where(
        among(procore_invoices, subjects)
    )
    return _by_subject(await tx.session.execute(query))


async def importable_since(tx: Transaction, vault_id: str, since: datetime) -> dict[Subject, ProcoreInvoice]:
    """The vault's rows that are not imported and became importable at that instant or later."""
    query = select(procore_invoices.c.vault_id, procore_invoices.c.data).where(
        procore_invoices.c.vault_id == vault_id,
        procore_invoices.c.import_state == "not_imported",
        procore_invoices.c.importable_since >= since,
    )
    return _by_subject(await tx.session.execute(query))


def _values(told: ToldRow) -> dict[str, object]:
    row = told.row
    return {
        "vault_id": told.vault_id,
        "requisition_id": row.requisition_id,
        "version": row.version,
        "told_at": told.at,
        "snapshot_id": told.snapshot_id,
        "import_state": row.import_state,
        "importable_since": row.importable_since,
        "data": row.model_dump(mode="json"),
    }


def _by_subject(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[Subject, ProcoreInvoice]:
    read = ((vault_id, ProcoreInvoice.model_validate(data, extra="ignore")) for vault_id, data in rows)
    return {(vault_id, row.requisition_id): row for vault_id, row in read}
