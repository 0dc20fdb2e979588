"""Imports that are asked for at one moment are done at once, and one that goes wrong spoils no other."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.message import Message
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.import_service.domain.duplicates import CODE
from drawbridge.import_service.entrypoints.kinds import kind_of
from drawbridge.persistence import Database, NewWork
from tests.factories.core import count
from tests.factories.imports import VAULT, ImportWorld
from tests.factories.waiting import becomes, eventually


async def _listed(world: ImportWorld, database: Database) -> None:
    """Wait until the project's rows have their listed copies, and nothing else has to be done."""
    await world.settle_vault(projects=[world.project_id])
    await eventually(lambda: any(each.as_of for each in world.of(ProjectState)))
    await becomes(lambda: count(database, "work_items"), 0)


async def _ask(world: ImportWorld, database: Database, *commands: ImportInvoice) -> dict[UUID, Message]:
    """Let all be asked for at one moment; gives each one's answer by its own id."""
    works = {uuid4(): command for command in commands}
    async with database.transaction() as tx:
        await tx.add_work(*(_work(command, id_) for id_, command in works.items()))
    await eventually(lambda: all(world.answers(id_) for id_ in works))
    answers = {id_: world.answers(id_) for id_ in works}
    assert [len(each) for each in answers.values()] == [1] * len(works)
    assert await count(database, "work_items", "kind = 'import_invoice'") == 0
    return {id_: each[0] for id_, each in answers.items()}


def _work(command: ImportInvoice, command_id: UUID) -> NewWork:
    return NewWork(
        kind=kind_of(command),
        subject=command.subject(),
        vault_id=VAULT,
        payload=command.model_dump(mode="json"),
        cause=Cause(str(command_id), command_id),
    )


def _moments(answers: Mapping[UUID, Message]) -> set[object]:
    """When the AP invoices were made: one instant for each transaction."""
    return {each.change.at for each in answers.values() if isinstance(each, InvoiceState)}


async def test_all_of_one_moment_are_one_transaction_and_a_bad_one_is_left_out(
    world: ImportWorld, database: Database
) -> None:
    bad, *good = world.approved()[:4]
    await world.at_procore("PATCH", f"requisitions/{bad}", {"invoice_type": "unheard of"})
    await _listed(world, database)
    calls = world.procore.calls.total()
    answers = await _ask(world, database, *(world.importing(each, how="automated") for each in [bad, *good]))
    assert [type(each) for each in answers.values()] == [ProcoreInvoiceState, *[InvoiceState] * len(good)]
    assert len(_moments(answers)) == 1
    rows = [world.row(each) for each in [bad, *good]]
    assert [row.import_state for row in rows if row] == ["error", *["imported"] * len(good)]
    imported = [each for each in answers.values() if isinstance(each, InvoiceState)]
    assert {each.invoice.source.requisition_id for each in imported if each.invoice.source} == set(good)
    assert await count(database, "own_history", "change ->> 'what' = 'imported'") == 2 * len(good)
    assert await count(database, "invoice_lines") == sum(
        len(each.invoice.content.lines) for each in imported if each.invoice.content
    )
    assert world.procore.calls.total() <= calls + 4


async def test_of_two_with_one_vendor_and_number_one_has_the_warning(
    world: ImportWorld, database: Database
) -> None:
    first, second = world.approved()[:2]
    record = world.procore.requisitions[first]
    same = {name: record[name] for name in ("invoice_number", "vendor_id", "vendor_name")}
    await world.at_procore("PATCH", f"requisitions/{second}", same)
    await _listed(world, database)
    answers = await _ask(
        world, database, *(world.importing(each, how="reprocess") for each in (first, second))
    )
    assert len(_moments(answers)) == 1
    warned = [
        [warned.code for warned in each.invoice.warnings if warned.code == CODE]
        for each in answers.values()
        if isinstance(each, InvoiceState)
    ]
    assert sorted(warned) == [[], [CODE]]


async def test_one_that_is_refused_under_its_lock_leaves_the_others_to_themselves(
    world: ImportWorld, database: Database
) -> None:
    stale, twice, third = world.approved()[:3]
    await _listed(world, database)
    answers = await _ask(
        world,
        database,
        world.importing(stale, how="automated", expected_version=7),
        world.importing(twice, how="automated"),
        world.importing(twice, how="reprocess"),
        world.importing(third, how="automated"),
    )
    codes = [each.problem.code for each in answers.values() if isinstance(each, CommandRefused)]
    assert codes == ["version_conflict", "already_imported"]
    made = [each for each in answers.values() if isinstance(each, InvoiceState)]
    assert {each.invoice.source.requisition_id for each in made if each.invoice.source} == {twice, third}
    assert await count(database, "invoices") == len(made) == 2


async def test_those_that_wait_in_the_queue_are_put_there_together(
    world: ImportWorld, database: Database
) -> None:
    wanted = world.approved()[:3]
    await _listed(world, database)
    commands = [world.importing(each, how="automated", target="queue") for each in wanted]
    answers = await _ask(world, database, *commands)
    told = [each for each in answers.values() if isinstance(each, ProcoreInvoiceState)]
    assert [each.row.import_state for each in told] == ["in_queue"] * len(wanted)
    assert len({each.change.at for each in told}) == 1
    assert await count(database, "queue_documents") == len(wanted)
