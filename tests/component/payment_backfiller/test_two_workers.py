"""Two workers share one budget of calls: one of them writes, and the other goes on when it stops."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.messaging import Broker
from drawbridge.payment_backfiller.outside import LedgersFile, ProcoreClients
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.wiring import components, make_database
from drawbridge.persistence import Database
from drawbridge.sandbox.procore import Procore, RateLimits, create_app, seeded_procore
from tests.factories.at_work import at_work
from tests.factories.payment_steps import run_job
from tests.factories.payments import World, invoice_state, sage_books, vault_state, watched_world
from tests.factories.waiting import eventually

LIMITS = RateLimits(spike=4, hourly=10**6, spike_seconds=1)
"""So few at once that two workers, each for itself, would be refused."""


COMMITMENTS = 6


@dataclass
class Worker(httpx.AsyncBaseTransport):
    """One worker's way to Procore: the status of each of its calls."""

    app: httpx.ASGITransport
    answers: list[int] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.app.handle_async_request(request)
        if request.url.path.startswith("/rest/"):
            self.answers.append(answer.status_code)
        return answer


@pytest.fixture
def procore() -> Procore:
    """A company under a tight limit."""
    return seeded_procore(limits=LIMITS)


@asynccontextmanager
async def _running(settings: Settings, ledgers: LedgersFile, worker: Worker) -> AsyncIterator[asyncio.Event]:
    """The worker at work; setting the event stops it."""
    database = make_database(settings)
    broker, clients = Broker(settings.amqp_url, name="payment-backfiller"), ProcoreClients(settings, worker)
    parts = components(settings, database, broker, clients, ledgers)
    async with at_work(parts, clients.close, broker.close, database.dispose) as stop:
        yield stop


def _billed(procore: Procore) -> dict[int, dict[str, Any]]:
    """An invoice of each of some commitments that have no payments yet, by the number of its bill."""
    paid = {row.public["contract_id"] for row in procore.payments.values()}
    found = {each["commitment_id"]: each for each in procore.requisitions.values()}
    unpaid = [found[each] for each in found if each not in paid]
    return dict(enumerate(unpaid[:COMMITMENTS], start=11))


async def _pay(world: World, billed: Mapping[int, dict[str, Any]]) -> None:
    """A check for each of these invoices, and a run that finds them."""
    for bill_id, requisition in billed.items():
        number = f"INV-{bill_id}"
        await world.knows(invoice_state(uuid4(), requisition, number=number))
        await world.sage.bill(bill_id, 1, number, paid="1000.00")
        await world.sage.payment(bill_id, "1000.00", check=str(bill_id), lgrrec=bill_id)
    await run_job(world)


async def test_one_writes_within_the_limit_and_the_other_goes_on(
    settings: Settings,
    database: Database,
    procore: Procore,
    postgres_database: str,
    ledgers_file: LedgersFile,
) -> None:
    app = httpx.ASGITransport(create_app(procore))
    workers = [Worker(app), Worker(app)]
    billed = _billed(procore)
    first_half = {bill_id: each for bill_id, each in billed.items() if bill_id % 2}
    second_half = {bill_id: billed[bill_id] for bill_id in billed.keys() - first_half.keys()}
    url = settings.amqp_url.get_secret_value()
    async with sage_books(postgres_database) as sage, AsyncExitStack() as stack:
        stops = [await stack.enter_async_context(_running(settings, ledgers_file, each)) for each in workers]
        async with watched_world(url, procore, sage, database) as world:
            await world.tell(vault_state(procore.company_id))
            await eventually(lambda: world.told(VaultProblemsReported))
            await _pay(world, first_half)
            await eventually(lambda: len(world.written()) == len(first_half))
            idle, busy = sorted(workers, key=lambda each: len(each.answers))
            assert idle.answers == []
            stops[workers.index(busy)].set()
            await _pay(world, second_half)
            await eventually(lambda: len(world.written()) == len(billed))
            await eventually(lambda: {each.write_back.state for each in world.allocations()} == {"written"})
    assert len(busy.answers) >= 2 * len(first_half) > LIMITS.spike
    assert len(idle.answers) >= 2 * len(second_half) > LIMITS.spike
    assert httpx.codes.TOO_MANY_REQUESTS not in busy.answers + idle.answers
    assert sorted(row.public["check_number"] for row in world.written()) == [str(each) for each in billed]
