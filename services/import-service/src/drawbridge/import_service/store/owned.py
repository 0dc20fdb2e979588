"""What import-service owns and what it keeps of others, for snapshots and restores."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vendor_map import VendorCodeState
from drawbridge.import_service.store import payments, vaults
from drawbridge.import_service.store.grid import rows_where
from drawbridge.import_service.store.invoices import invoices_where
from drawbridge.import_service.store.projects import projects_where
from drawbridge.import_service.store.tables import SCHEMA, invoices, procore_invoices, projects, vendor_codes
from drawbridge.import_service.store.vendors import vendors_where
from drawbridge.persistence.commands import ServiceSchema
from drawbridge.persistence.snapshots import Owned
from drawbridge.runtime import utc_now


async def _rows(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[ProcoreInvoiceState]:
    change = Change(what="told", at=utc_now())
    return [
        ProcoreInvoiceState(vault_id=vault_id, version=row.version, change=change, row=row)
        for vault_id, row in await rows_where(session, condition)
    ]


async def _invoices(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[InvoiceState]:
    found = await invoices_where(session, condition)
    ids = {stored.requisition_id for _, stored in found if stored.requisition_id is not None}
    tied = await rows_where(session, procore_invoices.c.requisition_id.in_(ids))
    rows = {(vault_id, row.requisition_id): row for vault_id, row in tied}
    change = Change(what="told", at=utc_now())
    return [
        InvoiceState(
            vault_id=vault_id,
            version=stored.version,
            change=change,
            invoice=stored.invoice,
            row=rows.get((vault_id, stored.requisition_id or 0)),
        )
        for vault_id, stored in found
    ]


async def _vendors(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[VendorCodeState]:
    change = Change(what="told", at=utc_now())
    return [vendor.state(vault_id, change) for vault_id, vendor in await vendors_where(session, condition)]


OWNED = (
    Owned(ProjectState, projects, ("project", "vault_id", "project_id"), projects_where),
    Owned(ProcoreInvoiceState, procore_invoices, ("requisition", "vault_id", "requisition_id"), _rows),
    Owned(InvoiceState, invoices, ("invoice", "vault_id", "id"), _invoices),
    Owned(VendorCodeState, vendor_codes, ("vendor", "vault_id", "vendor_id"), _vendors),
)
KEPT = (vaults.KEPT, payments.KEPT)

OURS = ServiceSchema(
    service="import-service",
    schema=SCHEMA,
    package="drawbridge.import_service",
    owned=OWNED,
    reads=("gateway", "payment-backfiller"),
)
