"""The external writes: never one missing, never two, whatever Procore does."""

from decimal import Decimal
from uuid import uuid4

import pytest

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment
from tests.factories.payment_steps import order, paid_invoice, reaches, run_job, writes
from tests.factories.payments import PAID_ON, World, invoice_state, requisitions
from tests.factories.waiting import eventually


async def test_an_answer_that_was_dropped_after_applying_is_recognised(world: World) -> None:
    order(world, "apply_then_drop")
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    assert len(world.written()) == 1
    assert len(writes(world, "POST")) == 1


async def test_a_write_applied_after_the_doubt_leaves_one_row_after_the_recheck(world: World) -> None:
    order(world, "apply_late", seconds=3.2)
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    await eventually(lambda: len(writes(world, "DELETE")) == 1)
    await eventually(lambda: len(world.written()) == 1)
    assert len(writes(world, "POST")) == 2
    [row], [allocation] = world.written(), world.allocations()
    assert allocation.write_back.contract_payment_id == row.public["id"]


@pytest.mark.parametrize("shape", ["deletion", "reversal"])
async def test_a_void_removes_exactly_our_row(world: World, shape: str) -> None:
    requisition = await paid_invoice(world)
    other = issue_payment(
        world.procore,
        PaymentDraft(commitment_id=requisition["commitment_id"], amount="77.00", check_number="9"),
        "Pat",
    )
    await run_job(world)
    await reaches(world, "written")
    if shape == "deletion":
        await world.sage.execute("DELETE FROM dbo.acppmt; UPDATE dbo.acpinv SET amtpad = 0, invbal = 1000")
    else:
        await world.sage.payment(11, "-1000.00", check="1042", lgrrec=800)
    await run_job(world, "check_backfill")
    await reaches(world, "removed")
    assert world.written() == []
    assert other.public["id"] in world.procore.payments
    [allocation] = world.allocations()
    assert allocation.payment.voided


async def test_a_changed_amount_changes_our_row(world: World) -> None:
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    await world.sage.execute("UPDATE dbo.acppmt SET amount = 900")
    await run_job(world)
    await eventually(lambda: [Decimal(row.public["amount"]) for row in world.written()] == [900])
    await eventually(lambda: world.allocations()[0].write_back.amount == 900)
    assert len(writes(world, "PATCH")) == 1


async def test_a_payment_typed_by_hand_is_not_doubled(world: World) -> None:
    requisition = await paid_invoice(world)
    typed = issue_payment(
        world.procore,
        PaymentDraft(
            commitment_id=requisition["commitment_id"],
            amount="1000.00",
            date=PAID_ON.isoformat(),
            check_number="1042",
            requisition_id=requisition["id"],
        ),
        "Pat",
    )
    await run_job(world)
    await reaches(world, "covered_by_foreign")
    assert writes(world, "POST") == []
    del world.procore.payments[typed.public["id"]]
    await world.sage.execute("UPDATE dbo.acppmt SET chkdte = '2026-03-02'")
    await run_job(world)
    await reaches(world, "written")


async def test_a_typed_payment_of_a_voided_check_stands_for_the_check_issued_in_its_place(
    world: World,
) -> None:
    requisition = await paid_invoice(world)
    issue_payment(
        world.procore,
        PaymentDraft(
            commitment_id=requisition["commitment_id"], amount="1000.00", requisition_id=requisition["id"]
        ),
        "Pat",
    )
    await run_job(world)
    await reaches(world, "covered_by_foreign")
    await world.sage.payment(11, "-1000.00", check="1042", lgrrec=800)
    await world.sage.payment(11, "1000.00", check="1043", lgrrec=801)
    await run_job(world, "check_backfill")
    await eventually(
        lambda: (
            {each.payment.number: each.write_back.state for each in world.allocations()}
            == {"1042": "removed", "1043": "covered_by_foreign"}
        )
    )
    assert writes(world, "POST") == []


async def test_what_procore_refuses_needs_a_hand_until_a_person_runs_the_job(world: World) -> None:
    order(world, "fail", status=422, times=1)
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "needs_hand")
    [allocation] = world.allocations()
    assert allocation.write_back.problem is not None
    assert "Procore refused" in allocation.write_back.problem.message
    await run_job(world)
    await reaches(world, "written")


async def test_a_retrieval_that_runs_again_and_the_other_job_change_nothing_more(world: World) -> None:
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    told = len(world.allocations())
    for job in ("payment_retrieval", "check_backfill", "payment_retrieval"):
        await run_job(world, job)
    assert len(writes(world, "POST")) == 1
    assert writes(world, "PATCH") == []
    assert len(world.allocations()) == told


async def test_a_dry_run_reports_and_writes_nothing(world: World) -> None:
    await paid_invoice(world)
    await run_job(world, dry_run=True)
    [done] = world.runs("done")
    assert done.counts["planned"] == 1
    assert "1000.00 USD to be written" in done.log[0]
    assert world.allocations() == []
    assert world.procore.writes == []
    await run_job(world)
    await reaches(world, "written")


async def test_a_payment_waits_unlisted_until_its_invoice_is_imported(world: World) -> None:
    [requisition] = requisitions(world.procore)
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00")
    await run_job(world)
    assert world.runs("done")[0].counts["not_ours"] == 1
    assert world.allocations() == []
    await world.knows(invoice_state(uuid4(), requisition))
    await reaches(world, "written")


async def test_an_unmatched_payment_of_a_known_vendor_is_listed_with_its_reason(world: World) -> None:
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(uuid4(), requisition, number="INV-9"))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00")
    await run_job(world)
    await eventually(world.allocations)
    [allocation] = world.allocations()
    assert allocation.unmatched is not None
    assert "INV-1" in allocation.unmatched.reason
    assert allocation.write_back.state == "not_needed"


async def test_a_comparison_tells_what_procore_shows_ours_others_and_orphans(world: World) -> None:
    requisition = await paid_invoice(world)
    commitment = requisition["commitment_id"]
    foreign = issue_payment(world.procore, PaymentDraft(commitment, amount="77.00", check_number="9"), "Pat")
    mark = "[DB-AAAAAAAAAAAAAAAA]"
    orphan = issue_payment(world.procore, PaymentDraft(commitment, amount="5.00", notes=mark), "app")
    await run_job(world)
    await eventually(lambda: [each for each in world.told(CommitmentPaymentsState) if each.ours])
    state = world.told(CommitmentPaymentsState)[-1]
    assert (state.commitment_id, state.ours, state.others) == (commitment, Decimal(1000), Decimal(82))
    assert [(each.contract_payment_id, each.kind) for each in state.payments] == [
        (foreign.public["id"], "foreign"),
        (orphan.public["id"], "orphan"),
    ]
    assert orphan.public["id"] in world.procore.payments


async def test_a_requisition_that_did_not_stick_is_flagged_as_not_linked(world: World) -> None:
    order(world, "ignore", members=["requisition_id"])
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    assert not world.allocations()[0].write_back.linked


async def test_a_bill_paid_by_credit_alone_gets_no_contract_payment(world: World) -> None:
    invoice_id = uuid4()
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(invoice_id, requisition))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "0", credit="1000.00", check=None)
    await run_job(world)
    await reaches(world, "not_needed")
    state = world.invoice_payments(invoice_id)
    assert state is not None
    assert state.payment_state == "paid"
    assert state.credit == 1000
    assert world.written() == []
