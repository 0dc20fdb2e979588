"""A voided payment whose row Procore refuses to remove: it comes to nothing, or a person is asked."""

from decimal import Decimal
from typing import Any

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.payment_commands import RetryWriteBack
from drawbridge.sandbox.procore.payments import sync_with_erp
from drawbridge.sandbox.procore.state import PaymentRow
from tests.factories.payment_steps import order, paid_invoice, reaches, run_job, writes
from tests.factories.payments import World, vault_state
from tests.factories.waiting import eventually


async def _voided_while_locked(world: World) -> PaymentRow:
    """A written payment that another connector takes over, and that the ledger voids."""
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    [row] = world.written()
    sync_with_erp(row)
    await world.sage.payment(11, "-1000.00", check="1042", lgrrec=800)
    return row


async def _retry(world: World) -> None:
    [allocation] = world.allocations()
    members: dict[str, Any] = {"vault_id": "main", "allocation_id": allocation.id, "requested_by": "Kim"}
    await world.tell(RetryWriteBack.model_validate(members))


def _amounts(world: World) -> list[Decimal]:
    return [Decimal(row.public["amount"]) for row in world.written()]


async def test_a_locked_row_is_offset_until_the_ledger_takes_the_void_back(world: World) -> None:
    locked = await _voided_while_locked(world)
    await run_job(world, "check_backfill")
    await reaches(world, "offset")
    [_, offset] = world.written()
    assert _amounts(world) == [1000, -1000]
    assert offset.public["requisition_id"] == locked.public["requisition_id"]
    [allocation] = world.allocations()
    written = allocation.write_back
    assert (written.contract_payment_id, written.offset_id, written.amount) == (
        locked.public["id"],
        offset.public["id"],
        Decimal(0),
    )
    assert written.problem is not None
    assert f"offset by contract payment {offset.public['id']}" in written.problem.message
    await eventually(lambda: world.told(CommitmentPaymentsState)[-1].ours == 0)
    assert world.told(CommitmentPaymentsState)[-1].payments == ()
    await world.sage.execute("DELETE FROM dbo.acppmt WHERE amount < 0")
    await run_job(world, "check_backfill")
    await eventually(lambda: world.written() == [locked])
    await reaches(world, "written")


async def test_an_offset_is_never_doubled_and_goes_with_its_row(world: World) -> None:
    await world.tell(vault_state(world.procore.company_id, version=2, use_origin_id=True))
    locked = await _voided_while_locked(world)
    order(world, "apply_then_drop")
    await run_job(world, "check_backfill")
    await reaches(world, "offset")
    assert _amounts(world) == [1000, -1000]
    assert len(writes(world, "POST")) == 2
    del world.procore.payments[locked.public["id"]]
    await _retry(world)
    await reaches(world, "removed")
    await eventually(lambda: world.written() == [])


async def test_what_procore_refuses_twice_needs_a_hand_with_both_refusals(world: World) -> None:
    world.procore.negative_payments = False
    locked = await _voided_while_locked(world)
    await run_job(world, "check_backfill")
    await reaches(world, "needs_hand")
    assert world.written() == [locked]
    [allocation] = world.allocations()
    assert allocation.write_back.problem is not None
    assert "synced with an ERP" in allocation.write_back.problem.message
    assert "greater than or equal to 0" in allocation.write_back.problem.message
    assert "-1000.00" in allocation.write_back.problem.advice
    del world.procore.payments[locked.public["id"]]
    await run_job(world)
    await reaches(world, "removed")
