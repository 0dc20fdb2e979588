"""Steps that the tests of payment-backfiller take again and again."""

from typing import Any
from uuid import UUID, uuid4

from drawbridge.contracts.payments import RunJob, WriteState
from drawbridge.sandbox.procore.faults import Fault, Match
from drawbridge.sandbox.procore.state import WriteRecord
from tests.factories.payments import World, invoice_state, requisitions
from tests.factories.waiting import eventually

PAYMENTS = "/rest/v1.0/contract_payments"


async def run_job(world: World, job: str = "payment_retrieval", **members: Any) -> UUID:  # noqa: ANN401  # any member of the command
    """Run a job now, and wait until its command is closed."""
    command = await world.tell(
        RunJob.model_validate({"vault_id": "main", "job": job, "requested_by": "Kim", **members})
    )
    await eventually(lambda: world.closing(command))
    return command


async def paid_invoice(world: World, amount: str = "1000.00", check: str = "1042") -> dict[str, Any]:
    """An imported invoice and a check that pays its bill."""
    [requisition] = requisitions(world.procore)
    await world.knows(invoice_state(uuid4(), requisition, net_due=amount))
    await world.sage.bill(11, 1, "INV-1", paid=amount)
    await world.sage.payment(11, amount, check=check)
    return requisition


async def reaches(world: World, state: WriteState) -> None:
    """Wait until the one allocation stands so."""
    await eventually(lambda: [each.write_back.state for each in world.allocations()] == [state])


def writes(world: World, method: str) -> list[WriteRecord]:
    """The writes to contract payments that reached Procore."""
    return [
        write for write in world.procore.writes if write.method == method and write.path.startswith(PAYMENTS)
    ]


def order(world: World, kind: str, method: str = "POST", **members: Any) -> None:  # noqa: ANN401  # as a fault has
    """Let the next writes go wrong."""
    match = Match(method=method, path_prefix=PAYMENTS)
    world.procore.faults.pending.append(Fault.model_validate({"kind": kind, "match": match, **members}))
