"""What payment-backfiller owns, for snapshots and restores.

Allocations, commitments, jobs and payments of AP invoices keep the event that was last sent, so that it can
be sent again.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState, JobState, RunState
from drawbridge.contracts.values import Change
from drawbridge.payment_backfiller.store.jobs import run_state
from drawbridge.payment_backfiller.store.tables import SCHEMA, metadata
from drawbridge.payment_backfiller.store.write_tables import RunRow
from drawbridge.persistence.commands import ServiceSchema
from drawbridge.persistence.snapshots import Owned
from drawbridge.runtime import utc_now

allocations = metadata.tables[f"{SCHEMA}.allocations"]
commitments = metadata.tables[f"{SCHEMA}.commitments"]
invoice_payments = metadata.tables[f"{SCHEMA}.invoice_payments"]
jobs = metadata.tables[f"{SCHEMA}.jobs"]
runs = metadata.tables[f"{SCHEMA}.runs"]


async def _allocations(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[AllocationState]:
    return [AllocationState.model_validate(each) for each in await _sent(session, allocations, condition)]


async def _payments(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[InvoicePaymentsState]:
    sent = await _sent(session, invoice_payments, condition)
    return [InvoicePaymentsState.model_validate(each) for each in sent]


async def _commitments(
    session: AsyncSession, condition: ColumnElement[bool]
) -> Sequence[CommitmentPaymentsState]:
    sent = await _sent(session, commitments, condition)
    return [CommitmentPaymentsState.model_validate(each) for each in sent]


async def _jobs(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[JobState]:
    return [JobState.model_validate(each) for each in await _sent(session, jobs, condition)]


async def _runs(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[RunState]:
    found = (await session.execute(select(RunRow).where(condition))).scalars()
    return [run_state(run, _told()) for run in found]


async def _sent(session: AsyncSession, table: Table, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The events last sent."""
    found = await session.execute(select(table.c.state, table.c.version).where(condition))
    return [row.state | {"version": row.version, "change": _told()} for row in found]


def _told() -> Change:
    return Change(what="told", at=utc_now())


OWNED = (
    Owned(AllocationState, allocations, ("allocation", "vault_id", "id"), _allocations),
    Owned(
        InvoicePaymentsState,
        invoice_payments,
        ("invoice-payments", "vault_id", "invoice_id"),
        _payments,
    ),
    Owned(
        CommitmentPaymentsState,
        commitments,
        ("commitment-payments", "vault_id", "commitment_id"),
        _commitments,
    ),
    Owned(JobState, jobs, ("job", "vault_id", "job"), _jobs),
    Owned(RunState, runs, ("run", "vault_id", "id"), _runs),
)

OURS = ServiceSchema(
    service="payment-backfiller",
    schema=SCHEMA,
    package="drawbridge.payment_backfiller",
    owned=OWNED,
    reads=("gateway", "import-service"),
)
