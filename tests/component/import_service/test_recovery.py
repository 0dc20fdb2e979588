"""What happens twice, fails for long, or comes late."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import text

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import IMPORT_SERVICE, ImportInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.message import COMMANDS
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.payments import InvoicePaymentsState, PaymentLine
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.contracts.values import Change
from drawbridge.import_service.entrypoints.work import CommandWork
from drawbridge.import_service.procore_access import ProcoreCompanies
from drawbridge.import_service.usecases.import_invoice import InvoiceImporter
from drawbridge.messaging import publish
from drawbridge.persistence import Database, WorkItem
from tests.factories.imports import DAWN, VAULT, ImportWorld
from tests.factories.waiting import eventually

NOW = datetime.now(UTC)
TIRED = Problem(code="procore_error", message="Procore did not answer.")


async def _count(database: Database, table: str) -> int:
    async with database.reading() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608  # a name from this file


def _item(command: ImportInvoice) -> WorkItem:
    """The work item of a command, on its last attempt."""
    return WorkItem(
        id=uuid4(),
        kind="import_invoice",
        subject=command.subject(),
        vault_id=VAULT,
        payload=command.model_dump(mode="json"),
        cause=Cause("story", uuid4()),
        priority=0,
        attempts=8,
        lease_token=uuid4(),
        leased_until=NOW,
        created_at=NOW - timedelta(hours=1),
    )


async def test_the_same_command_ten_times_makes_one_invoice(world: ImportWorld, database: Database) -> None:
    await world.settle_vault()
    command = world.importing(world.approved()[0])
    message_id = str(uuid4())
    for _ in range(10):
        await publish(
            world.url,
            COMMANDS,
            IMPORT_SERVICE,
            command.encode(),
            message_id=message_id,
            type=command.TYPE,
        )
    assert isinstance(await world.answer(UUID(message_id)), InvoiceState)
    assert await _count(database, "invoices") == 1
    assert len(world.answers(UUID(message_id))) == 1


async def test_a_passing_failure_is_tried_again_and_shown(world: ImportWorld) -> None:
    await world.settle_vault()
    requisition_id = world.approved()[0]
    prefix = f"/rest/v1.1/requisitions/{requisition_id}"
    fault = {"kind": "fail", "match": {"path_prefix": prefix}, "times": 2, "status": 500}
    await world.at_procore("POST", "faults", fault)
    sent = await world.command(world.importing(requisition_id))
    assert isinstance(await world.answer(sent, 40), InvoiceState)
    shown = [each for each in world.of(CommandPostponed) if each.command_id == sent]
    assert [each.attempt for each in shown] == [1, 2]
    assert not any(each.waiting for each in shown)


async def test_after_the_last_attempt_the_row_is_in_error_and_may_be_tried_again(
    world: ImportWorld, database: Database
) -> None:
    await world.settle_vault()
    requisition_id = world.approved()[0]
    await eventually(lambda: world.row(requisition_id))
    command = world.importing(requisition_id)
    companies = ProcoreCompanies(api_url="http://x.test", login_url="http://x.test", share=1)
    handler = CommandWork(ImportInvoice, InvoiceImporter(database, companies))
    item = _item(command)
    async with database.transaction() as tx:
        await handler.give_up(tx, item, TIRED, refused=False)
    answer = await world.answer(item.cause.causation_id or uuid4())
    assert isinstance(answer, ProcoreInvoiceState)
    assert answer.row.import_state == "error"
    assert answer.row.retryable
    assert answer.row.problem == TIRED


async def test_a_failure_of_an_invoice_that_was_never_seen_is_refused(
    world: ImportWorld, database: Database
) -> None:
    await world.settle_vault()
    command = world.importing(world.approved()[0]).model_copy(update={"requisition_id": 1})
    companies = ProcoreCompanies(api_url="http://x.test", login_url="http://x.test", share=1)
    handler = CommandWork(ImportInvoice, InvoiceImporter(database, companies))
    item = _item(command)
    async with database.transaction() as tx:
        await handler.give_up(tx, item, TIRED, refused=False)
    answer = await world.answer(item.cause.causation_id or uuid4())
    assert isinstance(answer, CommandRefused)


async def test_an_unknown_invoice_is_refused_in_words_that_stay_ambiguous(world: ImportWorld) -> None:
    await world.settle_vault()
    command = world.importing(world.approved()[0]).model_copy(update={"requisition_id": 1})
    answer = await world.do(command)
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "procore_not_found"
    assert "deleted" in answer.problem.advice
    assert "invisible" in answer.problem.advice


async def test_a_duplicate_number_is_an_error_where_the_vault_says_so(world: ImportWorld) -> None:
    await world.settle_vault(duplicate_guard="error")
    first, second = world.procore.facts["duplicate_number_requisition_ids"]
    for each in (first, second):
        await world.at_procore("POST", f"requisitions/{each}/approve")
    assert isinstance(await world.do(world.importing(first)), InvoiceState)
    answer = await world.do(world.importing(second))
    assert isinstance(answer, ProcoreInvoiceState)
    assert answer.row.problem is not None
    assert answer.row.problem.code == "duplicate_invoice_number"


async def test_a_duplicate_number_is_a_warning_otherwise(world: ImportWorld) -> None:
    await world.settle_vault()
    first, second = world.procore.facts["duplicate_number_requisition_ids"]
    for each in (first, second):
        await world.at_procore("POST", f"requisitions/{each}/approve")
        answer = await world.do(world.importing(each))
    assert isinstance(answer, InvoiceState)
    assert [each.code for each in answer.invoice.warnings] == ["duplicate_invoice_number"]


async def test_payments_are_kept_on_the_invoice_and_older_ones_never_win(
    world: ImportWorld, database: Database
) -> None:
    await world.settle_vault()
    requisition_id = world.approved()[0]
    answer = await world.do(world.importing(requisition_id))
    assert isinstance(answer, InvoiceState)

    def paid(version: int, number: str) -> InvoicePaymentsState:
        line = PaymentLine(
            allocation_id=uuid4(),
            number=number,
            date=date(2026, 3, 1),
            method="check",
            cash=Decimal(5),
            write_state="written",
        )
        return InvoicePaymentsState(
            version=version,
            change=Change(what="paid", at=DAWN),
            vault_id=VAULT,
            invoice_id=answer.invoice.id,
            requisition_id=requisition_id,
            payment_state="partially_paid",
            payable=Decimal(9),
            cash=Decimal(5),
            discount=Decimal(0),
            credit=Decimal(0),
            currency="USD",
            payments=(line,),
        )

    await world.tell(paid(3, "1001"))
    await world.tell(paid(2, "1000"))
    async with asyncio.timeout(30):
        while await _count(database, "inbox") < 4:  # noqa: ASYNC110  # a table has no events
            await asyncio.sleep(0.05)
    query = "SELECT version, payment_state, data #>> '{payments,0,number}' FROM invoice_payments"
    async with database.reading() as session:
        stored = tuple((await session.execute(text(query))).one())
    assert stored == (3, "partially_paid", "1001")
