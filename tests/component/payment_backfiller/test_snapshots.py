"""What payment-backfiller keeps of AP invoices follows import-service's snapshots."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, update

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payments import AllocationState
from drawbridge.contracts.snapshots import RequestSnapshot, SnapshotFinished, new_snapshot_id
from drawbridge.payment_backfiller.store.tables import invoices
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now
from tests.factories.payment_steps import paid_invoice, reaches, run_job
from tests.factories.payments import World, eventually, invoice_state, requisitions


def _finished(snapshot_id: str, count: int) -> SnapshotFinished:
    """The end of a snapshot that begins a second from now, so that all that was told is older."""
    return SnapshotFinished(
        snapshot_id=snapshot_id,
        owner="import-service",
        epoch=0,
        started_at=utc_now() + timedelta(seconds=1),
        counts={InvoiceState.TYPE: count},
    )


async def test_the_payment_of_an_unknown_invoice_is_taken_back_and_written_again_when_it_is_known(
    world: World,
) -> None:
    requisition = await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    await world.tell(_finished(new_snapshot_id(utc_now()), 0))
    await eventually(lambda: world.written() == [])
    await eventually(lambda: world.allocations()[0].match is None)
    await world.knows(invoice_state(uuid4(), requisition))
    await reaches(world, "written")
    assert len(world.written()) == 1


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
        "invoice-payments": 1,
        "job": 2,
        "run": 1,
    }
