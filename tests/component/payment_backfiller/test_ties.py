"""Ties follow the facts, and contract payments follow the ties."""

from datetime import date
from uuid import uuid4

from tests.factories.payment_steps import paid_invoice, reaches, run_job, writes
from tests.factories.payments import World, invoice_state, requisitions, vault_state
from tests.factories.waiting import eventually


async def test_a_ledger_bill_id_moves_the_payment_to_the_other_commitment(world: World) -> None:
    first = await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    second = next(
        each
        for each in world.procore.requisitions.values()
        if each["commitment_id"] not in {row.public["contract_id"] for row in world.procore.payments.values()}
    )
    assert second["commitment_id"] != first["commitment_id"]
    await world.knows(invoice_state(uuid4(), second, number="OTHER", bill_id="11"))
    await eventually(lambda: [row.public["requisition_id"] for row in world.written()] == [second["id"]])
    await reaches(world, "written")
    [allocation] = world.allocations()
    assert allocation.match is not None
    assert (allocation.match.commitment_id, allocation.match.key) == (
        second["commitment_id"],
        "ledger_bill_id",
    )
    assert len(writes(world, "DELETE")) == 1


async def test_an_older_state_of_an_invoice_never_wins(world: World) -> None:
    invoice_id = uuid4()
    [requisition] = requisitions(world.procore)
    await world.sage.bill(11, 1, "INV-2", paid="1000.00")
    await world.sage.payment(11, "1000.00")
    await world.knows(invoice_state(invoice_id, requisition, number="INV-2", version=5))
    await world.knows(invoice_state(invoice_id, requisition, number="INV-1", version=4))
    await run_job(world)
    await reaches(world, "written")
    assert world.written()[0].public["invoice_number"] == "INV-2"


async def test_payments_before_go_live_are_not_carried(world: World) -> None:
    await world.tell(vault_state(world.procore.company_id, version=2, payments_from=date(2026, 6, 1)))
    await paid_invoice(world)
    await run_job(world, "check_backfill")
    await reaches(world, "not_needed")
    assert "go-live" in world.allocations()[0].write_back.note
    await world.tell(vault_state(world.procore.company_id, version=3, payments_from=date(2026, 1, 1)))
    await reaches(world, "written")


async def test_a_row_locked_by_our_origin_id_follows_the_ledger_all_the_same(world: World) -> None:
    await world.tell(vault_state(world.procore.company_id, version=2, use_origin_id=True))
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    [row] = world.written()
    assert str(row.public["origin_id"]).startswith("drawbridge:")
    await world.sage.execute("UPDATE dbo.acppmt SET amount = 900")
    await run_job(world)
    await eventually(lambda: [each.public["amount"] for each in world.written()] == ["900.0"])
    await reaches(world, "written")
    await world.sage.execute("DELETE FROM dbo.acppmt")
    await run_job(world, "check_backfill")
    await reaches(world, "removed")
    assert world.written() == []


async def test_an_edit_that_gives_the_payment_another_identity_leaves_one_row(world: World) -> None:
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(uuid4(), requisition))
    await world.sage.bill(11, 1, "INV-1", paid="1000.00")
    await world.sage.payment(11, "1000.00", lgrrec=None)
    await run_job(world)
    await reaches(world, "written")
    await world.sage.execute("UPDATE dbo.acppmt SET chkdte = '2026-03-04'")
    await run_job(world)
    await eventually(
        lambda: sorted(each.write_back.state for each in world.allocations()) == ["removed", "written"]
    )
    assert [row.public["date"] for row in world.written()] == ["2026-03-04"]
