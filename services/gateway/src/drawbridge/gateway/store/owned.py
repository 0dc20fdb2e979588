"""What the gateway owns and what it keeps of others, for snapshots and restores."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState, JobState, RunState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.contracts.requests import RequestState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.contracts.vendor_map import VendorCodeState
from drawbridge.gateway.store.tables import (
    SCHEMA,
    AllocationRow,
    CommitmentPaymentsRow,
    InvoicePaymentsRow,
    InvoiceRow,
    JobRow,
    ProcoreInvoiceRow,
    ProjectRow,
    RequestRow,
    RunRow,
    VaultRow,
    VendorCodeRow,
    table,
)
from drawbridge.gateway.store.vaults import vaults_where
from drawbridge.persistence.commands import ServiceSchema
from drawbridge.persistence.snapshots import Kept, Owned


async def _settings(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[VaultSettingsState]:
    return [
        VaultSettingsState(
            version=vault.version,
            change=Change(what="settings_changed", at=vault.updated_at, by=vault.updated_by),
            vault_id=vault.id,
            settings=vault.settings,
        )
        for vault in await vaults_where(session, condition)
    ]


OWNED = (Owned(VaultSettingsState, table(VaultRow), ("vault", "id"), _settings),)

KEPT = (
    Kept("import-service", ProjectState, table(ProjectRow)),
    Kept("import-service", ProcoreInvoiceState, table(ProcoreInvoiceRow)),
    Kept("import-service", InvoiceState, table(InvoiceRow)),
    Kept("import-service", VendorCodeState, table(VendorCodeRow)),
    Kept("cloud-service", RequestState, table(RequestRow)),
    Kept("payment-backfiller", AllocationState, table(AllocationRow)),
    Kept("payment-backfiller", InvoicePaymentsState, table(InvoicePaymentsRow)),
    Kept("payment-backfiller", CommitmentPaymentsState, table(CommitmentPaymentsRow)),
    Kept("payment-backfiller", JobState, table(JobRow)),
    Kept("payment-backfiller", RunState, table(RunRow)),
)

OURS = ServiceSchema(
    service="gateway",
    schema=SCHEMA,
    package="drawbridge.gateway",
    owned=OWNED,
    reads=("import-service", "cloud-service", "payment-backfiller"),
)
