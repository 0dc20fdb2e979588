"""The external writes: never one missing, never two, whatever Procore does."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from drawbridge.contracts.payments import RunJob, WriteState
from drawbridge.sandbox.procore.faults import Fault, Match
from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment
from drawbridge.sandbox.procore.state import WriteRecord
from tests.factories.payments import PAID_ON, World, eventually, invoice_state, requisitions

_PAYMENTS = "/rest/v1.0/contract_payments"


async def _run(world: World, job: str = "payment_retrieval", **members: Any) -> UUID:  # noqa: ANN401  # any member of the command
    command = await world.tell(
        RunJob.model_validate({"vault_id": "main", "job": job, "requested_by": "Kim", **members})
    )
    await eventually(lambda: world.closing(command))
    return command


async def _paid_invoice(world: World, amount: str = "1000.00", check: str = "1042") -> dict[str, Any]:
    """An imported invoice and a check that pays its bill."""
    [requisition] = requisitions(world.procore)
    await world.tell(invoice_state(uuid4(), requisition, net_due=amount))
    await world.sage.bill(11, 1, "INV-1", paid=amount)
    await world.sage.payment(11, amount, check=check)
    return requisition


async def _state(world: World, state: WriteState) -> None:
    await eventually(lambda: [each.write_back.state for each in world.allocations()] == [state])


def _writes(world: World, method: str) -> list[WriteRecord]:
    return [
        write for write in world.procore.writes if write.method == method and write.path.startswith(_PAYMENTS)
    ]


def _order(world: World, kind: str, method: str = "POST", **members: Any) -> None:  # noqa: ANN401  # as a fault has
    match = Match(method=method, path_prefix=_PAYMENTS)
    world.procore.faults.pending.append(Fault.model_validate({"kind": kind, "match": match, **members}))


async def test_an_answer_that_was_dropped_after_applying_is_recognised(world: World) -> None:
    _order(world, "apply_then_drop")
    await _paid_invoice(world)
    await _run(world)
    await _state(world, "written")
    assert len(world.written()) == 1
    assert len(_writes(world, "POST")) == 1


async def test_a_write_applied_after_the_doubt_leaves_one_row_after_the_recheck(world: World) -> None:
    _order(world, "apply_late", seconds=3.2)
    await _paid_invoice(world)
    await _run(world)
    await _state(world, "written")
    await eventually(lambda: len(_writes(world, "DELETE")) == 1, seconds=30)
    await eventually(lambda: len(world.written()) == 1)
    assert len(_writes(world, "POST")) == 2
    [row], [allocation] = world.written(), world.allocations()
    assert allocation.write_back.contract_payment_id == row.public["id"]


@pytest.mark.parametrize("shape", ["deletion", "reversal"])
async def test_a_void_removes_exactly_our_row(world: World, shape: str) -> None:
    requisition = await _paid_invoice(world)
    other = issue_payment(
        world.procore,
        PaymentDraft(commitment_id=requisition["commitment_id"], amount="77.00", check_number="9"),
        "Pat",
    )
    await _run(world)
    await _state(world, "written")
    if shape == "deletion":
        await world.sage.execute("DELETE FROM dbo.acppmt; UPDATE dbo.acpinv SET amtpad = 0, invbal = 1000")
    else:
        await world.sage.payment(11, "-1000.00", check="1042", lgrrec=800)
    await _run(world, "check_backfill")
    await _state(world, "removed")
    assert world.written() == []
    assert other.public["id"] in world.procore.payments
    [allocation] = world.allocations()
    assert allocation.payment.voided


async def test_a_changed_amount_changes_our_row(world: World) -> None:
    await _paid_invoice(world)
    await _run(world)
    await _state(world, "written")
    await world.sage.execute("UPDATE dbo.acppmt SET amount = 900")
    await _run(world)
    await eventually(lambda: [Decimal(row.public["amount"]) for row in world.written()] == [900])
    await eventually(lambda: world.allocations()[0].write_back.amount == 900)
    assert len(_writes(world, "PATCH")) == 1


async def test_a_payment_typed_by_hand_is_not_doubled(world: World) -> None:
    requisition = await _paid_invoice(world)
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
    await _run(world)
    await _state(world, "covered_by_foreign")
    assert _writes(world, "POST") == []
    del world.procore.payments[typed.public["id"]]
    await world.sage.execute("UPDATE dbo.acppmt SET chkdte = '2026-03-02'")
    await _run(world)
    await _state(world, "written")


async def test_what_procore_refuses_needs_a_hand_until_a_person_runs_the_job(world: World) -> None:
    _order(world, "fail", status=422, times=1)
    await _paid_invoice(world)
    await _run(world)
    await _state(world, "needs_hand")
    [allocation] = world.allocations()
    assert allocation.write_back.problem is not None
    assert "Procore refused" in allocation.write_back.problem.message
    await _run(world)
    await _state(world, "written")


async def test_a_retrieval_that_runs_again_and_the_other_job_change_nothing_more(world: World) -> None:
    await _paid_invoice(world)
    await _run(world)
    await _state(world, "written")
    told = len(world.allocations())
    for job in ("payment_retrieval", "check_backfill", "payment_retrieval"):
        await _run(world, job)
    assert len(_writes(world, "POST")) == 1
    assert _writes(world, "PATCH") == []
    assert len(world.allocations()) == told


async def test_a_dry_run_reports_and_writes_nothing(world: World) -> None:
    await _paid_invoice(world)
    await _run(world, dry_run=True)
    [run] = world.runs("done")
    assert run.counts["planned"] == 1
    assert "1000.00 USD to be written" in run.log[0]
    assert world.allocations() == []
    assert world.procore.writes == []
    await _run(world)
    await _state(world, "written")


async def test_a_payment_waits_unlisted_until_its_invoice_is_imported(world: World) -> None:
    [requisition] = requisitions(world.procore)
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00")
    await _run(world)
    assert world.runs("done")[0].counts["not_ours"] == 1
    assert world.allocations() == []
    await world.tell(invoice_state(uuid4(), requisition))
    await _state(world, "written")


async def test_an_unmatched_payment_of_a_known_vendor_is_listed_with_its_reason(world: World) -> None:
    [requisition] = requisitions(world.procore)
    await world.tell(invoice_state(uuid4(), requisition, number="INV-9"))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00")
    await _run(world)
    await eventually(world.allocations)
    [allocation] = world.allocations()
    assert allocation.unmatched is not None
    assert "INV-1" in allocation.unmatched.reason
    assert allocation.write_back.state == "not_needed"


async def test_a_bill_paid_by_credit_alone_gets_no_contract_payment(world: World) -> None:
    invoice_id = uuid4()
    [requisition] = requisitions(world.procore)
    await world.tell(invoice_state(invoice_id, requisition))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "0", credit="1000.00", check=None)
    await _run(world)
    await _state(world, "not_needed")
    state = world.invoice_payments(invoice_id)
    assert state is not None
    assert state.payment_state == "paid"
    assert state.credit == 1000
    assert world.written() == []


async def test_a_second_command_while_a_run_is_unfinished_is_refused(world: World) -> None:
    await world.sage.execute("ALTER TABLE dbo.acppmt RENAME TO hidden")
    first = await world.tell(RunJob(vault_id="main", job="payment_retrieval", requested_by="Kim"))
    await eventually(lambda: world.runs("running"))
    second = await world.tell(RunJob(vault_id="main", job="payment_retrieval", requested_by="Kim"))
    await eventually(lambda: world.closing(first) or world.closing(second))
    assert len(world.closing(first)) + len(world.closing(second)) >= 1
