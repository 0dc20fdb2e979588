"""Refresh of imported invoices, and handing them over to the ledger."""

from decimal import Decimal
from uuid import UUID

from drawbridge.contracts.import_commands import ProcessInvoice, RefreshInvoice
from drawbridge.contracts.invoices import Invoice, InvoiceProcessed, InvoiceState
from drawbridge.contracts.outcomes import CommandRefused, RefreshPreviewed
from tests.factories.imports import BY, VAULT, ImportWorld
from tests.factories.waiting import eventually


async def _imported(world: ImportWorld) -> tuple[int, Invoice]:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, InvoiceState)
    return requisition_id, answer.invoice


def _refresh(invoice_id: UUID, *, preview: bool = False, content_hash: str | None = None) -> RefreshInvoice:
    return RefreshInvoice(
        vault_id=VAULT, requested_by=BY, invoice_id=invoice_id, preview=preview, content_hash=content_hash
    )


def _process(invoice_id: UUID, **changes: str) -> ProcessInvoice:
    members = {"vault_id": VAULT, "requested_by": BY, "invoice_id": invoice_id}
    return ProcessInvoice.model_validate(members | changes)


async def test_a_refresh_applies_exactly_what_was_previewed(world: ImportWorld) -> None:
    requisition_id, invoice = await _imported(world)
    assert invoice.content is not None
    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "100.00"})
    preview = await world.do(_refresh(invoice.id, preview=True))
    assert isinstance(preview, RefreshPreviewed)
    due = next(each for each in preview.differences if each.field == "header.net_due")
    assert due.ours == f"{invoice.content.header.net_due:f}"

    await world.at_procore("POST", f"requisitions/{requisition_id}/correct", {"work": "11.00"})
    refused = await world.do(_refresh(invoice.id, content_hash=preview.content_hash))
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "changed_in_procore"
    assert refused.content_hash is not None

    applied = await world.do(_refresh(invoice.id, content_hash=refused.content_hash))
    assert isinstance(applied, InvoiceState)
    assert applied.invoice.content is not None
    assert applied.invoice.content.header.gross - invoice.content.header.gross == Decimal("111.00")
    assert applied.row is not None
    assert applied.row.drift is None


async def test_process_announces_the_invoice_to_outside_and_ends_refreshing(world: ImportWorld) -> None:
    _, invoice = await _imported(world)
    answer = await world.do(_process(invoice.id, ledger_bill_id="B-1", ledger_vendor_code="V-9"))
    assert isinstance(answer, InvoiceState)
    assert answer.row is not None
    assert answer.row.invoice_status == answer.invoice.status == "processed"
    assert answer.invoice.ledger.ledger_bill_id == "B-1"
    await eventually(lambda: world.of(InvoiceProcessed))
    announced = world.of(InvoiceProcessed)
    assert [(each.invoice_id, each.revision) for each in announced] == [(invoice.id, 1)]
    assert announced[0].header.vendor.ledger_code == "V-9"

    refused = await world.do(_refresh(invoice.id, preview=True))
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "processed"
    twice = await world.do(_process(invoice.id))
    assert isinstance(twice, CommandRefused)
    assert twice.problem.code == "processed"


async def test_a_stale_view_is_refused(world: ImportWorld) -> None:
    _, invoice = await _imported(world)
    answer = await world.do(_process(invoice.id).model_copy(update={"expected_version": 99}))
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "version_conflict"
