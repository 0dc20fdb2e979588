"""``idle_calls``: what watching 200 projects costs while nothing happens but a few approvals and clicks.

Sweeps go by the day and not by the scaled clock, so each hour's part of them is made due by hand.
"""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from datetime import timedelta

import asyncpg
from pydantic import SecretStr

from drawbridge.contracts.import_commands import IMPORT_SERVICE, ImportInvoice
from drawbridge.contracts.message import COMMANDS
from drawbridge.messaging import publish
from drawbridge.procore import Credentials, ProcoreClient, RateLimiter
from drawbridge.sandbox.procore import Procore, RateLimits
from drawbridge.sandbox.procore.values import Record, stamp
from drawbridge.testkit.servers import Servers
from tests.bench.figures import AtMost, note
from tests.bench.first_import import Running, running
from tests.bench.place import Connection
from tests.factories.imports import VAULT
from tests.factories.large_company import large_procore

PROJECTS, INVOICES = 200, 10
SPIKE, HOURLY = 25, 600
FASTER = 24
HOUR = 3600 / FASTER
HOURS = 2
EACH_HOUR = 6
"""So many approvals, clicks and payments in an hour."""

_POLLS = ("v1.1/requisitions", "v1.1/projects", "v1.0/vendors", "v1.0/commitments")
_SYNCED = "SELECT count(*) FROM imports.projects WHERE as_of IS NOT NULL"
_SWEEPS_DUE = """
UPDATE imports.projects SET swept_at = swept_at - interval '1 day' WHERE project_id IN (
    SELECT project_id FROM imports.projects ORDER BY project_id OFFSET $1 LIMIT $2)
"""
_SWEEPS = -(-PROJECTS // 24)
_STATUS = "SELECT procore_status FROM imports.procore_invoices WHERE requisition_id = $1"
_IMPORTED = "SELECT count(*) FROM imports.invoices WHERE requisition_id = $1"

_asking = asyncio.Lock()


async def bench_idle_calls(servers: Servers, _rounds: int) -> list[AtMost]:
    """After the first reading, two hours in fast motion."""
    limits = RateLimits(SPIKE, HOURLY, spike_seconds=10 / FASTER, hour_seconds=HOUR)
    procore = large_procore(PROJECTS, INVOICES, limits)
    drafts = [each for each in procore.requisitions.values() if each["number"] == 1][: HOURS * EACH_HOUR]
    for draft in drafts:
        draft["status"] = "under_review"
    faster = {
        "DRAWBRIDGE_PROCORE_CALLS_PER_HOUR": str(HOURLY * FASTER),
        "DRAWBRIDGE_PROJECT_REFRESH_SECONDS": str(900 // FASTER),
        "DRAWBRIDGE_PROCORE_SHARE": "0.8",
    }
    async with running(servers, procore, automated=False, more=faster) as work:
        database: Connection = await asyncpg.connect(work.place.database_url.get_secret_value())
        try:
            await work.settle_vault(procore, poll_seconds=900 // FASTER)
            await _until(database, _SYNCED, (), PROJECTS)
            await asyncio.sleep(HOUR)  # the first reading's own hour
            return await _watched(work, procore, database, drafts)
        finally:
            await database.close()


async def _watched(
    work: Running, procore: Procore, database: Connection, drafts: Sequence[Record]
) -> list[AtMost]:
    before, began = sum(work.asked.calls[path] for path in _POLLS), time.perf_counter()
    seen: list[float] = []
    clicks: list[float] = []
    paid: list[float] = []
    clicked = [each["id"] for each in procore.requisitions.values() if each["number"] != 1]
    async with asyncio.TaskGroup() as group:
        for number, draft in enumerate(drafts):
            if number % EACH_HOUR == 0:
                hour = number // EACH_HOUR
                async with _asking:
                    await database.execute(_SWEEPS_DUE, hour * _SWEEPS, _SWEEPS)
            await asyncio.sleep(HOUR / EACH_HOUR)
            draft |= {"status": "approved", "updated_at": stamp(procore.now())}
            group.create_task(_timed(seen, _until(database, _STATUS, (draft["id"],), "approved")))
            group.create_task(_timed(clicks, _click(work, procore, database, clicked[number * 7])))
            group.create_task(_timed(paid, _pay(work, procore, clicked[number * 7])))
        polls = sum(work.asked.calls[path] for path in _POLLS) - before
        hours = (time.perf_counter() - began) / HOUR
    note("idle_calls", f"{polls} polls in {hours:.2f} hours of {HOUR:.0f} s; {work.asked.words()}")
    part = 100 * polls / (HOURLY * hours)
    minutes = max(seen) / 60 * FASTER
    return [
        AtMost("idle_calls", part, 40, "%", f"of {HOURLY} calls/h go into polling {PROJECTS} projects"),
        AtMost("idle_seen", minutes, 60, "minutes", f"until the last of {len(seen)} approvals was seen"),
        AtMost(
            "idle_clicks", max(clicks), 30, "s", f"the slowest of {len(clicks)} imports by hand, unscaled"
        ),
        AtMost("idle_payments", max(paid), 30, "s", f"the slowest of {len(paid)} payment lists, unscaled"),
        AtMost("idle_429", work.asked.refused, 0, "calls", "refused for the limit"),
    ]


async def _until(database: Connection, query: str, values: tuple[object, ...], wanted: object) -> None:
    async with asyncio.timeout(HOUR * 3):
        while True:
            async with _asking:
                if await database.fetchval(query, *values) == wanted:
                    return
            await asyncio.sleep(0.5)


async def _timed(into: list[float], work: Awaitable[None]) -> None:
    began = time.perf_counter()
    await work
    into.append(time.perf_counter() - began)


async def _click(work: Running, procore: Procore, database: Connection, requisition_id: int) -> None:
    """A person imports an invoice."""
    command = ImportInvoice(
        vault_id=VAULT,
        requested_by="kim",
        project_id=procore.requisitions[requisition_id]["project_id"],
        requisition_id=requisition_id,
        how="manual",
    )
    url = work.place.amqp_url.get_secret_value()
    await publish(url, COMMANDS, IMPORT_SERVICE, command.encode(), type=command.TYPE)
    await _until(database, _IMPORTED, (requisition_id,), 1)


async def _pay(work: Running, procore: Procore, requisition_id: int) -> None:
    """The payments' own caller of the same app lists a commitment."""
    found = procore.requisitions[requisition_id]
    async with ProcoreClient(
        api_url=work.asked.url,
        login_url=work.asked.url,
        credentials=Credentials("sandbox-client", SecretStr("sandbox-secret")),
        company_id=procore.company_id,
        limiter=RateLimiter(0.2, patience=timedelta(seconds=30)),
    ) as client:
        await client.contract_payments(found["project_id"], found["commitment_id"])
