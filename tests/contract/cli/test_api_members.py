"""The members that the commands read are members that the gateway sends."""

from drawbridge.cli.apply import SERVICES
from drawbridge.contracts.payments import AllocationState, JobState, RunState
from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.reconciliation import Balance
from drawbridge.gateway.domain.snapshots import Snapshot
from drawbridge.gateway.entrypoints.http.many_rows import RowOutcomeView
from drawbridge.gateway.entrypoints.http.parked import ManyParkedOutcome
from drawbridge.gateway.entrypoints.http.procore_invoices import GridPage
from drawbridge.gateway.entrypoints.http.rows import ProcoreInvoiceView
from drawbridge.gateway.entrypoints.http.vaults import VaultView
from drawbridge.gateway.store.parked import ParkedView
from drawbridge.gateway.store.vaults import FoundProblems
from tests.unit.cli.test_commands import ROW


def test_the_grid() -> None:
    assert set(ROW) <= set(ProcoreInvoiceView.model_fields)
    assert {"items", "next_cursor", "as_of"} <= set(GridPage.model_fields)


def test_vaults() -> None:
    assert {"id", "version", "settings", "problems", "payments_flow", "waiting"} <= set(
        VaultView.model_fields
    )
    assert {"service", "settings_version", "problems"} <= set(FoundProblems.model_fields)


def test_parked_messages_and_operations() -> None:
    assert {"id", "queue", "type", "parked_at", "problem"} <= set(ParkedView.model_fields)
    assert {"id", "status", "problem", "result"} <= set(Operation.model_fields)
    assert {"settled", "more"} <= set(ManyParkedOutcome.model_fields)
    assert {"requisition_id", "operation_id", "problem"} <= set(RowOutcomeView.model_fields)


def test_jobs_and_payments() -> None:
    job = {"job", "schedule", "status", "reason", "last_run_at", "next_run_at"}
    assert job <= set(JobState.model_fields)
    assert {"id", "started_at", "requested_by", "status", "dry_run", "counts"} <= set(RunState.model_fields)
    assert {"id", "payment", "bill", "cash", "write_back", "unmatched"} <= set(AllocationState.model_fields)
    assert {"commitment_id", "paid", "issued", "difference", "cause"} <= set(Balance.model_fields)


def test_snapshots() -> None:
    read = {"id", "status", "sent", "total", "problem", "removed"}
    assert read <= set(Snapshot.model_fields)


def test_every_service_that_takes_settings_is_waited_for() -> None:
    takers = {
        queue.name.removesuffix(".events")
        for queue in TOPOLOGY.queues
        if any(each.key == "drawbridge.vault.settings.v1" for each in queue.bindings)
    }
    assert set(SERVICES) == takers
