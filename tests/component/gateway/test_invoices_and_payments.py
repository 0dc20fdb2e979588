"""AP invoices, payments, jobs and the reconciliation as the services told them."""

from datetime import timedelta
from uuid import uuid4

from drawbridge.contracts.import_commands import CreateInvoice, ProcessInvoice
from drawbridge.contracts.invoices import Invoice, InvoiceState
from drawbridge.contracts.payments import RunJob, RunState, Unmatched, WriteBack
from tests.factories.gateway import (
    CHANGE,
    DAWN,
    REQUISITION,
    VAULT,
    Door,
    allocation,
    imported,
    job_state,
)


def _blank() -> InvoiceState:
    invoice = Invoice(id=uuid4(), created_at=DAWN, created_by="operator")
    return InvoiceState(version=1, change=CHANGE, vault_id=VAULT, invoice=invoice)


async def test_a_blank_invoice_is_begun_under_the_id_of_the_result(door: Door) -> None:
    operation_id = (await door.post("/invoices")).json()["id"]
    command = CreateInvoice.model_validate_json((await door.sent())[-1]["payload"])
    invoice = Invoice(id=command.invoice_id, created_at=DAWN, created_by="operator")
    state = InvoiceState(version=1, change=CHANGE, vault_id=VAULT, invoice=invoice)
    await door.tell(state, cause=operation_id)
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["result"]["invoice_id"]) == ("done", str(command.invoice_id))
    shown = await door.get(f"/invoices/{command.invoice_id}")
    assert (shown["actions"]["import"]["allowed"], shown["actions"]["process"]["allowed"]) == (True, False)
    source = await door.client.get(f"/v1/vaults/{VAULT}/invoices/{command.invoice_id}/source")
    assert (source.status_code, source.json()["code"]) == (404, "no_source")


async def test_invoices_list_by_status_with_source_and_history(door: Door) -> None:
    state = imported(status="processed", processed_at=DAWN)
    await door.tell(_blank(), state)
    assert len((await door.get("/invoices"))["items"]) == 2
    (processed,) = (await door.get("/invoices", status="processed"))["items"]
    assert (processed["id"], processed["requisition_id"]) == (str(state.invoice.id), REQUISITION)
    source = await door.get(f"/invoices/{state.invoice.id}/source")
    assert (source["requisition_id"], source["how"]) == (REQUISITION, "manual")
    (line,) = (await door.get(f"/invoices/{state.invoice.id}/history"))["items"]
    assert (line["what"], line["by"]) == ("imported", "operator")


async def test_process_carries_the_ledgers_reference_and_the_expected_version(door: Door) -> None:
    state = imported()
    await door.tell(state)
    path = f"/v1/vaults/{VAULT}/invoices/{state.invoice.id}"
    etag = (await door.client.get(path)).headers["ETag"]
    await door.client.post(
        f"{path}/process",
        json={"ledger_bill_id": "77", "acknowledge": "Checked by phone."},
        headers={"If-Match": etag, "Prefer": "respond-async"},
    )
    command = ProcessInvoice.model_validate_json((await door.sent())[-1]["payload"])
    assert (command.ledger_bill_id, command.acknowledge) == ("77", "Checked by phone.")
    assert command.expected_version == state.version


async def test_payments_list_matched_and_unmatched(door: Door) -> None:
    lost = allocation(
        match=None,
        unmatched=Unmatched(reason="No AP invoice has this number."),
        write_back=WriteBack(state="not_needed"),
    )
    await door.tell(allocation(), lost)
    assert len((await door.get("/payments"))["items"]) == 2
    (matched,) = (await door.get("/payments", requisition_id=REQUISITION))["items"]
    assert matched["write_back"]["state"] == "written"
    (unmatched,) = (await door.get("/payments/unmatched"))["items"]
    assert unmatched["unmatched"]["reason"] == "No AP invoice has this number."


async def test_a_run_ends_its_operation_only_when_it_is_done(door: Door) -> None:
    response = await door.post("/jobs/check_backfill/runs", {"dry_run": True})
    operation_id = response.json()["id"]
    command = RunJob.model_validate_json((await door.sent())[-1]["payload"])
    assert (response.status_code, command.job, command.dry_run) == (202, "check_backfill", True)
    run = RunState(
        version=1,
        change=CHANGE,
        id=uuid4(),
        vault_id=VAULT,
        job="check_backfill",
        dry_run=True,
        status="running",
        requested_by="operator",
        started_at=DAWN,
    )
    await door.tell(run, job_state(job="check_backfill"), cause=operation_id)
    assert (await door.operation(operation_id))["status"] == "queued"
    later = {"version": 2, "status": "done", "counts": {"written": 3}, "finished_at": DAWN + timedelta(1)}
    await door.tell(run.model_copy(update=later), cause=operation_id)
    operation = await door.operation(operation_id)
    assert (operation["status"], operation["result"]["counts"]) == ("done", {"written": 3})
    (listed,) = (await door.get("/jobs/check_backfill/runs"))["items"]
    assert (listed["id"], listed["status"]) == (str(run.id), "done")
    assert (await door.get(f"/jobs/check_backfill/runs/{run.id}"))["counts"] == {"written": 3}
    assert (
        await door.client.get(f"/v1/vaults/{VAULT}/jobs/payment_retrieval/runs/{run.id}")
    ).status_code == 404
    assert [job["job"] for job in (await door.get("/jobs"))["items"]] == ["check_backfill"]
