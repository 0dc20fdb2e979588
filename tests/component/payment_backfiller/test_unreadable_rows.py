"""A row of the ledger that makes no sense is named in the run's log, and touches nothing that was written."""

import pytest

from drawbridge.contracts.payments import RunState
from tests.factories.payment_steps import paid_invoice, reaches, run_job
from tests.factories.payments import World


@pytest.mark.parametrize("job", ["payment_retrieval", "check_backfill"])
async def test_a_written_payment_that_becomes_unreadable_stays_written(world: World, job: str) -> None:
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    await world.sage.payment(11, "NaN", check="1043", lgrrec=701)
    await world.sage.execute("UPDATE dbo.acppmt SET dsctkn = 'NaN' WHERE chknum = '1042'")
    command = await run_job(world, job)
    [closing] = world.closing(command)
    assert isinstance(closing, RunState)
    assert (closing.status, closing.counts["unreadable"]) == ("done", 2)
    assert sum("cannot be read" in str(line) for line in closing.log) == 2
    assert len(world.written()) == 1
    await reaches(world, "written")
