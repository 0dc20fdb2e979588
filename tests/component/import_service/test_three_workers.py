"""Three workers of one service share a budget out: one of them calls, and another goes on when it stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.import_service.procore_access import ProcoreCompanies
from drawbridge.import_service.settings import Settings
from drawbridge.import_service.wiring import components, make_database
from drawbridge.messaging import Broker
from drawbridge.sandbox.procore import Procore, RateLimits, create_app
from tests.factories.at_work import at_work
from tests.factories.imports import CLIENT_ID, CLIENT_SECRET, watched_world
from tests.factories.large_company import large_procore, leave_out_lines
from tests.factories.waiting import eventually

URL = "http://procore.test"
UNDER_WAY = 3
"""Calls that other workers may still have been about when they learnt who has the budget."""

LIMITS = RateLimits(spike=25, hourly=10**6, spike_seconds=2)


@dataclass
class Worker(httpx.AsyncBaseTransport):
    """One worker's way to Procore: its calls, and how many were refused."""

    app: httpx.ASGITransport
    order: list[int]
    """Whose each call was, by all workers."""
    calls: int = 0
    refused: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.app.handle_async_request(request)
        if request.url.path.startswith("/rest/"):
            self.calls += 1
            self.order.append(id(self))
        self.refused += answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        return answer


@asynccontextmanager
async def _running(settings: Settings, worker: Worker) -> AsyncIterator[asyncio.Event]:
    """The worker at work; setting the event stops it."""
    database = make_database(settings)
    companies = ProcoreCompanies(api_url=URL, login_url=URL, share=1, transport=worker)
    broker = Broker(settings.amqp_url, name="import-service")
    parts = components(settings, database, broker, companies)
    async with at_work(parts, companies.close, broker.close, database.dispose) as stop:
        yield stop


@pytest.fixture
def procore(monkeypatch: pytest.MonkeyPatch) -> Procore:
    """A company under a tight limit whose invoices each need a call of their own."""
    monkeypatch.setenv(CLIENT_ID, "sandbox-client")
    monkeypatch.setenv(CLIENT_SECRET, "sandbox-secret")
    made = large_procore(2, 40, LIMITS)
    made.facts["active_project_ids"] = list(made.projects)
    leave_out_lines(made)
    return made


async def test_none_is_lost_and_few_calls_are_refused(settings: Settings, procore: Procore) -> None:
    app = httpx.ASGITransport(create_app(procore))
    order: list[int] = []
    workers = [Worker(app, order) for _ in range(3)]
    wanted = list(procore.requisitions)
    async with (
        watched_world(settings.amqp_url.get_secret_value(), procore, app) as world,
        AsyncExitStack() as stack,
    ):
        stops = [await stack.enter_async_context(_running(settings, worker)) for worker in workers]
        await world.settle_vault()
        await eventually(lambda: len(world.of(ProcoreInvoiceState)) >= len(wanted))
        listing = len(order)
        # Sent beside the looking: calls and not events are waited for, and sending must not outlast them.
        sending = asyncio.gather(*(world.command(world.importing(each, how="automated")) for each in wanted))
        await eventually(lambda: len(order) >= listing + 40)
        since = [order[listing + 20 : listing + 40].count(id(worker)) for worker in workers]
        first = workers[since.index(max(since))]
        assert sum(since) - max(since) <= UNDER_WAY
        stops[workers.index(first)].set()
        commands = await sending
        await eventually(lambda: len(world.of(InvoiceState)) >= len(wanted))
        answers = [world.answers(command) for command in commands]
    assert [len(each) for each in answers] == [1] * len(wanted)
    calls, refused = (sum(getattr(worker, name) for worker in workers) for name in ("calls", "refused"))
    assert calls > first.calls > 0
    assert refused <= 0.03 * calls
