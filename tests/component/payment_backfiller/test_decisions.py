"""What people decide about payments: tie, untie, dismiss, confirm, write anyway, retry, resolve."""

from typing import Any
from uuid import UUID, uuid4

from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.payment_commands import (
    AllocationCommand,
    ConfirmForeign,
    Dismiss,
    ResolveByHand,
    RetryWriteBack,
    TieByHand,
    Untie,
    WriteAnyway,
)
from drawbridge.contracts.payments import AllocationState
from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment
from tests.factories.payment_steps import order, paid_invoice, reaches, run_job, writes
from tests.factories.payments import PAID_ON, World, invoice_state, requisitions
from tests.factories.waiting import eventually


async def decide(world: World, kind: type[AllocationCommand], **members: Any) -> AllocationState:  # noqa: ANN401  # any member of the command
    """Decide about the one allocation; gives its state that closes the command."""
    message = await answer(world, kind, **members)
    assert isinstance(message, AllocationState)
    return message


async def answer(world: World, kind: type[AllocationCommand], **members: Any) -> object:  # noqa: ANN401  # as decide
    """Decide, and give whatever closes the command."""
    [allocation] = world.allocations()
    given = {"vault_id": "main", "allocation_id": allocation.id, "requested_by": "Kim"} | members
    command = await world.tell(kind.model_validate(given))
    await eventually(lambda: world.closing(command))
    [closing] = world.closing(command)
    return closing


async def unmatched(world: World) -> UUID:
    """A payment whose bill has another number than the imported invoice, whose id this gives."""
    invoice_id = uuid4()
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(invoice_id, requisition, number="INV-9"))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00", check="1042")
    await run_job(world)
    await eventually(world.allocations)
    return invoice_id


async def test_an_unmatched_payment_tied_by_hand_is_written_and_taken_back_when_it_is_untied(
    world: World,
) -> None:
    invoice_id = await unmatched(world)
    tied = await decide(world, TieByHand, invoice_id=invoice_id, reason="same job, number mistyped")
    assert tied.match is not None
    assert (tied.match.key, tied.match.invoice_id) == ("by_hand", invoice_id)
    assert tied.match.evidence == "Tied by Kim: same job, number mistyped"
    assert (tied.change.what, tied.change.by) == ("tied_by_hand", "Kim")
    await reaches(world, "written")
    await run_job(world, "check_backfill")
    assert world.allocations()[0].match == tied.match

    parted = await decide(world, Untie, reason="it was the other job")
    assert parted.match is None
    await eventually(lambda: world.written() == [])
    await run_job(world, "check_backfill")
    [allocation] = world.allocations()
    assert allocation.unmatched is not None
    assert allocation.unmatched.candidates == (invoice_id,)
    state = world.invoice_payments(invoice_id)
    assert state is not None
    assert (state.payment_state, state.payments) == ("unpaid", ())


async def test_a_tie_that_cannot_be_is_refused_with_advice(world: World) -> None:
    await unmatched(world)
    refused = await answer(world, TieByHand, invoice_id=uuid4())
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "not_an_imported_invoice"
    refused = await answer(world, Untie, reason="why not", expected_version=None)
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "not_tied"
    refused = await answer(world, Dismiss, reason="seen too late", expected_version=99)
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "version_conflict"


async def test_a_dismissed_payment_leaves_the_list_and_is_not_written_until_it_is_lifted(
    world: World,
) -> None:
    invoice_id = await unmatched(world)
    dismissed = await decide(world, Dismiss, reason="a deposit")
    assert dismissed.unmatched is None
    assert dismissed.dismissed is not None
    assert (dismissed.dismissed.by, dismissed.dismissed.reason) == ("Kim", "a deposit")
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(invoice_id, requisition, number="INV-1", version=2))
    await eventually(lambda: world.allocations()[0].match)
    assert world.allocations()[0].write_back.note == "Dismissed: a deposit (Kim)"
    await decide(world, RetryWriteBack)
    await reaches(world, "written")


async def test_a_foreign_payment_is_confirmed_and_a_wrong_one_does_not_stand_for_ours(world: World) -> None:
    requisition = await paid_invoice(world)
    draft = PaymentDraft(
        commitment_id=requisition["commitment_id"],
        amount="1000.00",
        date=PAID_ON.isoformat(),
        requisition_id=requisition["id"],
    )
    typed = issue_payment(world.procore, draft, "Pat")
    await run_job(world)
    await reaches(world, "covered_by_foreign")
    confirmed = await decide(world, ConfirmForeign)
    cover = confirmed.write_back.cover
    assert cover is not None
    assert (cover.contract_payment_id, cover.confirmed_by) == (typed.public["id"], "Kim")
    await decide(world, RetryWriteBack)
    await run_job(world, "check_backfill")
    assert world.allocations()[0].write_back.cover == cover

    await decide(world, WriteAnyway, reason="that was another check")
    await reaches(world, "written")
    assert typed.public["id"] in world.procore.payments
    assert len(writes(world, "POST")) == 1
    refused = await answer(world, ConfirmForeign)
    assert isinstance(refused, CommandRefused)
    assert refused.problem.code == "not_covered"


async def test_what_needs_a_hand_can_be_resolved_and_stays_so_until_the_ledger_changes(world: World) -> None:
    order(world, "fail", status=422, times=1)
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "needs_hand")
    resolved = await decide(world, ResolveByHand, reason="typed it into the old contract")
    assert resolved.write_back.state == "resolved"
    await run_job(world, "check_backfill")
    assert world.allocations()[0].write_back.state == "resolved"
    assert world.written() == []
    await world.sage.execute("UPDATE dbo.acppmt SET amount = 900")
    await run_job(world)
    await reaches(world, "written")
