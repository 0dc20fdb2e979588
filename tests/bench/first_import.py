"""A whole company's first import, by import-service and cloud-service as they run in production."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from drawbridge.contracts.message import EVENTS
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.messaging import publish
from drawbridge.sandbox.procore import Procore
from drawbridge.testkit.processes import ServiceProcess
from drawbridge.testkit.servers import Servers
from tests.bench.place import Place, Template
from tests.bench.procore_server import Asked, serving
from tests.bench.worker import cloud_worker, cpu_seconds, peak_mib, worker
from tests.factories.imports import CLIENT_ID, CLIENT_SECRET, DAWN, VAULT, vault_settings

PACKAGES = {"imports": "drawbridge.import_service", "cloud": "drawbridge.cloud_service"}
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 1800.0
_INVOICES = "SELECT count(DISTINCT requisition_id) FROM imports.invoices"


@dataclass(frozen=True)
class Running:
    """Workers at work, and the Procore that they ask."""

    place: Place
    asked: Asked
    importers: list[ServiceProcess]

    async def settle_vault(self, procore: Procore, **changes: object) -> None:
        """Tell all services of a vault with all projects of the company."""
        settings = vault_settings(procore.company_id, **changes)
        change = Change(what="changed", at=DAWN)
        state = VaultSettingsState(version=1, change=change, vault_id=VAULT, settings=settings)
        url = self.place.amqp_url.get_secret_value()
        await publish(url, EVENTS, state.TYPE, state.encode(), type=state.TYPE)

    def peak_mib(self) -> float:
        """The most memory that one import-service ever had."""
        return max(peak_mib(process) for process in self.importers)

    def cpu_seconds(self) -> float:
        """The processor time that all import-services have had."""
        return sum(cpu_seconds(process) for process in self.importers)


@dataclass(frozen=True)
class Imported:
    """What a first import took; ``lost`` are the invoices that it did not bring in half an hour."""

    invoices: int
    lost: int
    seconds: float
    peak_mib: float
    cpu_seconds: float
    """Of all import-services together, from before the first call on."""

    asked: Asked


@asynccontextmanager
async def running(
    servers: Servers,
    procore: Procore,
    *,
    workers: int = 1,
    automated: bool = True,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """So many import-services with ``more`` settings, one cloud-service, and the double on a port."""
    template = await Template.of_all(servers, PACKAGES)
    async with template.place() as place, serving(procore) as asked, AsyncExitStack() as stack:
        settings = {
            CLIENT_ID: "sandbox-client",
            CLIENT_SECRET: "sandbox-secret",
            "DRAWBRIDGE_PROCORE_API_URL": asked.url,
            "DRAWBRIDGE_PROCORE_LOGIN_URL": asked.url,
            "DRAWBRIDGE_PROCORE_SHARE": "1",
            **(more or {}),
        }
        if automated:
            await stack.enter_async_context(cloud_worker(place))
        importers = [
            await stack.enter_async_context(worker(place, "import_service", settings)) for _ in range(workers)
        ]
        yield Running(place, asked, importers)


async def first_import(servers: Servers, procore: Procore, *, workers: int = 1) -> Imported:
    """Import everything by automation."""
    wanted = len(procore.requisitions)
    async with running(servers, procore, workers=workers) as work:
        database = await asyncpg.connect(work.place.database_url.get_secret_value())
        try:
            began, spent = time.perf_counter(), work.cpu_seconds()
            await work.settle_vault(procore, automated_import="invoice")
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    while await database.fetchval(_INVOICES) < wanted:  # noqa: ASYNC110  # seen from outside
                        await asyncio.sleep(_LOOK_SECONDS)
            seconds, spent = time.perf_counter() - began, work.cpu_seconds() - spent
            lost = wanted - await database.fetchval(_INVOICES)
        finally:
            await database.close()
        return Imported(wanted, lost, seconds, work.peak_mib(), spent, work.asked)
