"""What is ours on an AP invoice, and what people take back: change, withdraw, reopen, dismiss, unqueue."""

from uuid import UUID, uuid4

import pytest

from drawbridge.contracts.import_commands import (
    ChangeInvoice,
    CodedLine,
    CreateInvoice,
    DeleteInvoice,
    DeleteQueueDocument,
    DismissError,
    ProcessInvoice,
    RefreshInvoice,
    ReopenInvoice,
    SetLedgerReference,
    WithdrawInvoice,
)
from drawbridge.contracts.invoices import (
    Invoice,
    InvoiceProcessed,
    InvoiceReopened,
    InvoiceState,
    LineCoding,
    Overrides,
)
from drawbridge.contracts.message import Message
from drawbridge.contracts.outcomes import CommandRefused, RefreshPreviewed
from drawbridge.contracts.payments import InvoicePaymentsState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.import_service.store.payments import has_live_payments
from drawbridge.persistence import Database
from tests.factories.gateway import invoice_payments
from tests.factories.imports import BY, VAULT, ImportWorld
from tests.factories.waiting import eventually, looked


async def _imported(world: ImportWorld) -> tuple[int, Invoice]:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, InvoiceState)
    return requisition_id, answer.invoice


def _code(answer: Message) -> str:
    assert isinstance(answer, CommandRefused), answer
    return answer.problem.code


def _about(invoice_id: UUID) -> dict[str, object]:
    return {"vault_id": VAULT, "requested_by": BY, "invoice_id": invoice_id}


async def test_overrides_and_coding_are_kept_through_a_refresh_and_handed_over(world: ImportWorld) -> None:
    requisition_id, invoice = await _imported(world)
    assert invoice.content is not None
    line = invoice.content.lines[0]
    overrides = Overrides(ledger_vendor_code="V-7", notes="Hold the paper copy.")
    coding = LineCoding(ledger_account="5000", job="J-1", cost_code="03-300")
    coded = CodedLine(procore_line_id=line.procore_line_id, coding=coding)
    members = {**_about(invoice.id), "overrides": overrides, "lines": (coded,)}
    changed = await world.do(ChangeInvoice.model_validate(members))
    assert isinstance(changed, InvoiceState)
    assert changed.change.what == "changed"

    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "100.00"})
    preview = await world.do(RefreshInvoice.model_validate({**_about(invoice.id), "preview": True}))
    assert isinstance(preview, RefreshPreviewed)
    applied = await world.do(
        RefreshInvoice.model_validate({**_about(invoice.id), "content_hash": preview.content_hash})
    )
    assert isinstance(applied, InvoiceState)
    assert applied.invoice.overrides == overrides
    assert applied.invoice.content is not None
    kept = {each.procore_line_id: each.coding for each in applied.invoice.content.lines}
    assert kept[line.procore_line_id] == coding

    unknown = CodedLine(procore_line_id=1, coding=coding)
    refused = await world.do(ChangeInvoice.model_validate({**members, "lines": (unknown,)}))
    assert _code(refused) == "no_such_line"
    await world.do(ProcessInvoice.model_validate(_about(invoice.id)))
    await eventually(lambda: world.of(InvoiceProcessed))
    announced = world.of(InvoiceProcessed)[0]
    assert announced.header.vendor.ledger_code == "V-7"
    assert announced.overrides.notes == "Hold the paper copy."
    late = await world.do(ChangeInvoice.model_validate(members))
    assert _code(late) == "processed"


async def test_a_withdrawn_import_is_held_until_somebody_names_it(world: ImportWorld) -> None:
    requisition_id, invoice = await _imported(world)
    withdraw = WithdrawInvoice.model_validate({**_about(invoice.id), "reason": "Wrong job."})
    answer = await world.do(withdraw)
    assert isinstance(answer, InvoiceState)
    assert answer.invoice.removed is not None
    assert (answer.invoice.removed.how, answer.invoice.removed.reason) == ("withdrawn", "Wrong job.")
    row = answer.row
    assert row is not None
    assert (row.import_state, row.held_reason) == ("held", "withdrawn: Wrong job.")
    assert (row.invoice_id, row.invoice_status, row.imported_at) == (None, None, None)
    assert _code(await world.do(withdraw)) == "no_invoice"
    assert _code(await world.do(world.importing(requisition_id, how="automated"))) == "held"

    again = await world.do(world.importing(requisition_id))
    assert isinstance(again, InvoiceState)
    assert again.invoice.id != invoice.id
    assert not [each for each in again.invoice.warnings if each.code == "duplicate_invoice_number"]


async def test_reopen_says_so_to_outside_but_not_while_a_payment_is_tied(
    world: ImportWorld, database: Database
) -> None:
    _, invoice = await _imported(world)
    await world.do(ProcessInvoice.model_validate(_about(invoice.id)))
    reference = {**_about(invoice.id), "ledger_bill_id": "B-1"}
    told = await world.do(SetLedgerReference.model_validate(reference))
    assert isinstance(told, InvoiceState)
    assert (told.invoice.status, told.invoice.ledger.ledger_bill_id) == ("processed", "B-1")
    reopen = ReopenInvoice.model_validate({**_about(invoice.id), "reason": "Wrong period."})

    await world.tell(_paid(invoice.id, version=1, tied=True))
    await _tied(database, invoice.id, tied=True)
    assert _code(await world.do(reopen)) == "payment_tied"
    await world.tell(_paid(invoice.id, version=2, tied=False))
    await _tied(database, invoice.id, tied=False)
    answer = await world.do(reopen)
    assert isinstance(answer, InvoiceState)
    assert answer.row is not None
    assert answer.row.invoice_status == answer.invoice.status == "unprocessed"
    await eventually(lambda: world.of(InvoiceReopened))
    event = world.of(InvoiceReopened)[0]
    assert (event.revision, event.reason, event.ledger.ledger_bill_id) == (1, "Wrong period.", "B-1")
    processed = await world.do(ProcessInvoice.model_validate(_about(invoice.id)))
    assert isinstance(processed, InvoiceState)
    assert processed.invoice.revision == 2


def _paid(invoice_id: UUID, *, version: int, tied: bool) -> InvoicePaymentsState:
    line = {"allocation_id": str(uuid4()), "number": "1001", "date": "2026-03-02", "method": "check"}
    payments = [{**line, "cash": "1.00", "write_state": "written"}] if tied else []
    return invoice_payments(invoice_id, version=version, payments=payments)


async def _tied(database: Database, invoice_id: UUID, *, tied: bool) -> None:
    """Wait until the service knows it."""

    async def look() -> bool:
        async with database.reading() as session:
            return await has_live_payments(session, VAULT, invoice_id)

    await looked(look, lambda known: known is tied)


@pytest.mark.parametrize("from_procore", [True, False])
async def test_only_a_blank_invoice_is_deleted(world: ImportWorld, *, from_procore: bool) -> None:
    _, invoice = await _imported(world)
    blank = uuid4()
    await world.do(CreateInvoice.model_validate(_about(blank)))
    chosen = invoice.id if from_procore else blank
    answer = await world.do(DeleteInvoice.model_validate(_about(chosen)))
    if from_procore:
        assert _code(answer) == "has_source"
        return
    assert isinstance(answer, InvoiceState)
    assert answer.invoice.removed is not None
    into = await world.do(world.importing(world.approved()[1], open_invoice_id=blank))
    assert _code(into) == "no_invoice"


async def test_a_dismissed_error_and_an_unqueued_document_are_held(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    broken = next(iter(world.procore.whole))
    await world.do(world.importing(broken))
    dismiss = DismissError(vault_id=VAULT, requested_by=BY, requisition_id=broken, reason="A test invoice.")
    answer = await world.do(dismiss)
    assert isinstance(answer, ProcoreInvoiceState)
    assert (answer.row.import_state, answer.row.held_reason) == ("held", "dismissed: A test invoice.")
    assert answer.row.problem is None
    assert _code(await world.do(dismiss)) == "not_in_error"

    queued = await world.do(world.importing(world.approved()[0], target="queue"))
    assert isinstance(queued, ProcoreInvoiceState)
    assert queued.row.queue_document is not None
    document_id = queued.row.queue_document.id
    delete = DeleteQueueDocument(
        vault_id=VAULT, requested_by=BY, queue_document_id=document_id, reason="Paid by hand."
    )
    stale = delete.model_copy(update={"expected_version": queued.row.version + 9})
    assert _code(await world.do(stale)) == "version_conflict"
    gone = await world.do(delete)
    assert isinstance(gone, ProcoreInvoiceState)
    assert gone.row.held_reason == "deleted from the queue: Paid by hand."
    assert gone.row.queue_document is None
    assert _code(await world.do(delete)) == "no_queue_document"
