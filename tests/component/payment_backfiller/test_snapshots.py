"""What payment-backfiller keeps of AP invoices follows import-service's snapshots."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payments import AllocationState
from drawbridge.contracts.snapshots import RequestSnapshot, SnapshotFinished, new_snapshot_id
from drawbridge.payment_backfiller.store.tables import invoices
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now
from tests.factories.payment_steps import paid_invoice, reaches, run_job, writes
from tests.factories.payments import World, invoice_state, requisitions
from tests.factories.waiting import eventually


def _finished(snapshot_id: str, count: int) -> SnapshotFinished:
    """The end of a snapshot that begins a second from now, so that all that was told is older."""
    return SnapshotFinished(
        snapshot_id=snapshot_id,
        owner="import-service",
        epoch=0,
        started_at=utc_now() + timedelta(seconds=1),
        counts={InvoiceState.TYPE: count},
    )


async def test_the_payment_of_an_invoice_that_its_owner_forgot_stays_in_procore(world: World) -> None:
    requisition = await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    [before] = world.written()
    await world.tell(_finished(new_snapshot_id(utc_now()), 0))
    await eventually(lambda: _problem_code(world) == "invoice_unknown")
    await run_job(world)
    await run_job(world, "check_backfill")
    assert world.written() == [before]

    again = uuid4()
    await world.knows(invoice_state(again, requisition))
    await eventually(lambda: _problem_code(world) is None)
    [allocation] = world.allocations()
    assert allocation.match is not None
    assert (allocation.match.invoice_id, allocation.write_back.state) == (again, "written")
    assert world.written() == [before]
    assert len(writes(world, "POST")) == 1


async def test_an_invoice_that_came_again_before_the_snapshot_takes_over_the_bill(world: World) -> None:
    requisition = await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    again, snapshot_id = uuid4(), new_snapshot_id(utc_now())
    told = invoice_state(again, requisition)
    await world.knows(told)
    await world.tell(told.model_copy(update={"snapshot_id": snapshot_id}))
    await world.tell(_finished(snapshot_id, 1))
    await eventually(lambda: _tied_to(world) == again)
    assert len(world.written()) == 1
    assert writes(world, "DELETE") == []


def _problem_code(world: World) -> str | None:
    [allocation] = world.allocations()
    assert allocation.match is not None
    return allocation.match.problem.code if allocation.match.problem else None


def _tied_to(world: World) -> UUID | None:
    [allocation] = world.allocations()
    return allocation.match.invoice_id if allocation.match else None


async def test_a_spoilt_invoice_is_mended_by_a_snapshot_of_the_same_version(
    world: World, database: Database
) -> None:
    [requisition] = requisitions(world.procore)
    state = invoice_state(uuid4(), requisition)
    await world.tell(state)
    await run_job(world)
    async with database.bookkeeping() as connection:
        spoilt = await connection.execute(update(invoices).values(net_due=1, vendor_key="nobody"))
    assert spoilt.rowcount == 1
    snapshot_id = new_snapshot_id(utc_now())
    await world.tell(_finished(snapshot_id, 1))
    await world.tell(state.model_copy(update={"snapshot_id": snapshot_id}))
    await run_job(world)
    async with database.reading() as session:
        [row] = (await session.execute(select(invoices))).all()
    assert (str(row.net_due), row.vendor_key) == ("1000.0000", "V-1007")


async def test_it_tells_its_own_state_again(world: World) -> None:
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    await eventually(lambda: world.told(CommitmentPaymentsState))
    snapshot_id = new_snapshot_id(utc_now())
    for owner in ("import-service", "payment-backfiller"):
        request = {"snapshot_id": snapshot_id, "owner": owner, "requested_by": "kim"}
        await world.tell(RequestSnapshot.model_validate(request))
    await eventually(lambda: world.told(SnapshotFinished))
    [finished] = world.told(SnapshotFinished)
    told = [each for each in world.told(AllocationState) if each.snapshot_id == snapshot_id]
    before = [each for each in world.told(AllocationState) if each.snapshot_id is None]
    assert [each.model_copy(update={"snapshot_id": None}) for each in told] == before[-1:]
    print(finished.counts)
    assert {name.split(".")[1]: count for name, count in finished.counts.items()} == {
        "allocation": 1,
        "commitment-payments": 1,
        "invoice-payments": 1,
        "job": 2,
        "run": 1,
    }
