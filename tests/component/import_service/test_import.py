"""Importing Procore invoices, from the command to the AP invoice."""

from decimal import Decimal

from sqlalchemy import text

from drawbridge.contracts.import_commands import CreateInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.persistence import CLICK, NORMAL, Database
from tests.factories.imports import BY, VAULT, ImportWorld, fresh_invoice_id
from tests.factories.waiting import becomes


async def test_an_approved_invoice_becomes_an_ap_invoice_that_ties_to_the_cent(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id))

    assert isinstance(answer, InvoiceState)
    assert answer.row is not None
    assert answer.row.import_state == "imported"
    assert answer.row.invoice_id == answer.invoice.id
    assert answer.invoice.source is not None
    assert answer.invoice.source.imported_by == BY
    assert answer.invoice.source.how == "manual"
    content = answer.invoice.content
    assert content is not None
    due = world.procore.requisitions[requisition_id]["summary"]["current_payment_due"]
    assert content.header.net_due == Decimal(due)
    assert sum(line.net for line in content.lines) == content.header.net_due
    assert content.header.commitment.number
    assert [warned for warned in answer.invoice.warnings if warned.code == "control_total"] == []


async def test_of_two_imports_at_once_one_makes_the_invoice_and_the_other_is_refused(
    world: ImportWorld,
) -> None:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    first = await world.command(world.importing(requisition_id))
    second = await world.command(world.importing(requisition_id))
    answers = [await world.answer(first), await world.answer(second)]

    made = [each for each in answers if isinstance(each, InvoiceState)]
    refused = [each for each in answers if isinstance(each, CommandRefused)]
    assert len(made) == len(refused) == 1
    assert refused[0].problem.code == "already_imported"


async def test_the_open_blank_invoice_is_filled(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    blank = fresh_invoice_id()
    created = await world.do(CreateInvoice(vault_id=VAULT, requested_by=BY, invoice_id=blank))
    assert isinstance(created, InvoiceState)
    assert created.invoice.blank
    assert created.row is None

    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id, open_invoice_id=blank))
    assert isinstance(answer, InvoiceState)
    assert answer.invoice.id == blank
    assert answer.version > created.version

    again = await world.do(world.importing(requisition_id, open_invoice_id=blank))
    assert isinstance(again, CommandRefused)
    assert again.problem.code == "already_tied"


async def test_an_unapproved_invoice_is_refused_with_the_reason(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = world.approved()[0]
    await world.at_procore("POST", f"requisitions/{requisition_id}/unapprove")
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "status_not_accepted"
    assert "revise and resubmit" in answer.problem.message


async def test_a_broken_invoice_goes_to_error_until_it_is_mended(world: ImportWorld) -> None:
    await world.settle_vault(projects=[world.project_id])
    requisition_id = next(iter(world.procore.whole))
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, ProcoreInvoiceState)
    assert answer.row.import_state == "error"
    assert answer.row.problem is not None
    assert answer.row.problem.code == "unreadable"
    assert "#REF!" in answer.row.problem.message
    assert not answer.row.retryable

    await world.at_procore("POST", f"requisitions/{requisition_id}/mend")
    mended = await world.do(world.importing(requisition_id))
    assert isinstance(mended, InvoiceState)
    assert mended.row is not None
    assert mended.row.import_state == "imported"
    assert mended.row.problem is None


async def test_an_import_that_is_one_of_many_yields_to_a_click(
    world: ImportWorld, database: Database
) -> None:
    clicked, one_of_many = world.approved()[:2]
    commands = [
        await world.command(world.importing(clicked)),
        await world.command(world.importing(one_of_many, bulk=True)),
    ]

    async def priorities() -> dict[str, int]:
        """While the vault is not known, both wait."""
        async with database.reading() as session:
            items = await session.execute(text("SELECT subject, priority FROM work_items"))
            return {item.subject: item.priority for item in items}

    await becomes(
        priorities,
        {f"requisition/{VAULT}/{clicked}": CLICK, f"requisition/{VAULT}/{one_of_many}": NORMAL},
    )
    await world.settle_vault(projects=[world.project_id])
    assert all([isinstance(await world.answer(command), InvoiceState) for command in commands])
