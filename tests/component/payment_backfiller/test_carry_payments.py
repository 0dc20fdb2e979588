"""From a check in the ledger to a contract payment in Procore, and back."""

from decimal import Decimal
from uuid import uuid4

from drawbridge.contracts.payments import RunJob, RunState
from tests.factories.payments import PAID_ON, World, invoice_state, requisitions
from tests.factories.waiting import eventually


async def test_a_check_over_two_bills_becomes_two_contract_payments(world: World) -> None:
    first, second = requisitions(world.procore, 2)
    paid, part = uuid4(), uuid4()
    await world.knows(invoice_state(paid, first, number="INV-1", net_due="1000.00"))
    await world.knows(invoice_state(part, second, number="INV-2", net_due="500.00"))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.bill(12, 1, "INV-2", paid="200.00", open_="300.00")
    await world.sage.payment(11, "1000.00", check="1042")
    await world.sage.payment(12, "200.00", check="1042")

    command = await world.tell(RunJob(vault_id="main", job="payment_retrieval", requested_by="Kim"))
    await eventually(lambda: world.closing(command))
    await eventually(lambda: len(world.written()) == 2)

    rows = sorted(world.written(), key=lambda row: str(row.public["amount"]))
    assert [Decimal(row.public["amount"]) for row in rows] == [1000, 200]
    assert {row.public["requisition_id"] for row in rows} == {first["id"], second["id"]}
    assert {row.public["check_number"] for row in rows} == {"1042"}
    assert {row.public["date"] for row in rows} == {PAID_ON.isoformat()}
    assert {row.payment_method for row in rows} == {"check"}
    [closing] = world.closing(command)
    assert isinstance(closing, RunState)
    assert closing.status == "done"
    assert closing.counts["matched"] == 2

    await eventually(lambda: [each.write_back.state for each in world.allocations()] == ["written"] * 2)
    state = world.invoice_payments(paid)
    assert state is not None
    assert (state.payment_state, state.payments[0].number) == ("paid", "1042")
    other = world.invoice_payments(part)
    assert other is not None
    assert other.payment_state == "partially_paid"
