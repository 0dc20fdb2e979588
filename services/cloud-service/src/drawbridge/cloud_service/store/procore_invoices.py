"""Reads and writes of the Procore invoices that import-service told of."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from drawbridge.cloud_service.store.subjects import Subject, among
from drawbridge.cloud_service.store.tables import procore_invoices
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.persistence import Transaction


async def save_newer(tx: Transaction, rows: Mapping[Subject, ProcoreInvoice]) -> list[Subject]:
    """Store what is newer than what is known; gives the subjects that changed."""
    if not rows:
        return []
    statement = insert(procore_invoices)
    new = statement.excluded
    newer = statement.on_conflict_do_update(
        index_elements=["vault_id", "requisition_id"],
        set_={name: new[name] for name in ("version", "import_state", "importable_since", "data")},
        where=procore_invoices.c.version < new.version,
    )
    values = [_values(vault_id, row) for (vault_id, _), row in sorted(rows.items(), key=itemgetter(0))]
    result = await tx.session.execute(
        newer.returning(procore_invoices.c.vault_id, procore_invoices.c.requisition_id), values
    )
    return [(vault_id, requisition_id) for vault_id, requisition_id in result]


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


def _values(vault_id: str, row: ProcoreInvoice) -> dict[str, object]:
    return {
        "vault_id": vault_id,
        "requisition_id": row.requisition_id,
        "version": row.version,
        "import_state": row.import_state,
        "importable_since": row.importable_since,
        "data": row.model_dump(mode="json"),
    }


def _by_subject(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[Subject, ProcoreInvoice]:
    read = ((vault_id, ProcoreInvoice.model_validate(data, extra="ignore")) for vault_id, data in rows)
    return {(vault_id, row.requisition_id): row for vault_id, row in read}
