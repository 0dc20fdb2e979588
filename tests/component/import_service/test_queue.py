"""Queue documents, and New Invoice on them."""

from uuid import UUID

from drawbridge.contracts.import_commands import NewInvoice, ProcessInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from tests.factories.imports import BY, VAULT, ImportWorld
from tests.factories.waiting import eventually


async def _queued(world: ImportWorld) -> tuple[int, UUID]:
    """Queue an invoice; gives its requisition id and its queue document's id."""
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id, how="reprocess", target="queue"))
    assert isinstance(answer, ProcoreInvoiceState)
    assert answer.row.import_state == "in_queue"
    assert answer.row.queue_document is not None
    return requisition_id, answer.row.queue_document.id


def _new_invoice(document_id: UUID, content_hash: str | None = None) -> NewInvoice:
    return NewInvoice(
        vault_id=VAULT, requested_by=BY, queue_document_id=document_id, content_hash=content_hash
    )


async def test_an_unchanged_queue_document_becomes_an_invoice_and_is_consumed(world: ImportWorld) -> None:
    requisition_id, document_id = await _queued(world)
    answer = await world.do(_new_invoice(document_id))
    assert isinstance(answer, InvoiceState)
    assert answer.row is not None
    assert answer.row.requisition_id == requisition_id
    assert answer.row.import_state == "imported"
    assert answer.row.queue_document is None

    again = await world.do(_new_invoice(document_id))
    assert isinstance(again, CommandRefused)
    assert again.problem.code == "no_queue_document"


async def test_import_of_a_queued_row_consumes_its_document(world: ImportWorld) -> None:
    requisition_id, document_id = await _queued(world)
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, InvoiceState)
    again = await world.do(_new_invoice(document_id))
    assert isinstance(again, CommandRefused)


async def test_a_second_queueing_is_refused(world: ImportWorld) -> None:
    requisition_id, _ = await _queued(world)
    answer = await world.do(world.importing(requisition_id, how="automated", target="queue"))
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "already_in_queue"


async def test_a_changed_document_is_shown_and_filled_once_the_change_is_accepted(
    world: ImportWorld,
) -> None:
    requisition_id, document_id = await _queued(world)
    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "100.00"})
    refused = await world.do(_new_invoice(document_id))
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "changed_in_procore"
    assert "header.net_due" in {each.field for each in refused.differences}

    answer = await world.do(_new_invoice(document_id, refused.content_hash))
    assert isinstance(answer, InvoiceState)
    assert answer.invoice.source is not None
    assert answer.invoice.source.content_hash == refused.content_hash


async def test_a_document_that_is_no_longer_approved_is_refused(world: ImportWorld) -> None:
    requisition_id, document_id = await _queued(world)
    await world.at_procore("POST", f"requisitions/{requisition_id}/unapprove")
    answer = await world.do(_new_invoice(document_id))
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "status_not_accepted"


async def test_a_silent_procore_fills_from_the_copy_and_process_waits_for_the_recheck(
    world: ImportWorld,
) -> None:
    requisition_id, document_id = await _queued(world)
    slow = {"method": "GET", "path_prefix": f"/rest/v1.1/requisitions/{requisition_id}"}
    delay = {"kind": "delay", "match": slow, "times": 2, "seconds": 2}
    await world.at_procore("POST", "faults", delay)
    answer = await world.do(_new_invoice(document_id))
    assert isinstance(answer, InvoiceState)
    assert [each.code for each in answer.invoice.warnings] == ["not_rechecked"]

    process = ProcessInvoice(vault_id=VAULT, requested_by=BY, invoice_id=answer.invoice.id)
    refused = await world.do(process)
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "not_rechecked"

    await eventually(lambda: any(not each.invoice.warnings for each in world.of(InvoiceState)))
    done = await world.do(process)
    assert isinstance(done, InvoiceState)
    assert done.invoice.status == "processed"
