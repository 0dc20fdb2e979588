"""A service as it runs in production: its worker, a process of its own."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from drawbridge.contracts.topology import REPROCESS_QUEUE
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceProcess
from tests.bench.place import Place


@asynccontextmanager
async def cloud_worker(place: Place) -> AsyncIterator[ServiceProcess]:
    """A running worker with relay, intakes and work loop; stopped in good order afterwards."""
    async with worker(place, "cloud_service") as process:
        yield process


@asynccontextmanager
async def worker(
    place: Place, name: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[ServiceProcess]:
    """The same for any service, with more of its settings."""
    async with service(place, name, "worker", settings) as process:
        yield process


@asynccontextmanager
async def service(
    place: Place, name: str, command: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[ServiceProcess]:
    """Any command of any service."""
    port = free_port()
    environment = {
        "DRAWBRIDGE_SECRET_DATABASE_URL": place.database_url.get_secret_value(),
        "DRAWBRIDGE_SECRET_AMQP_URL": place.amqp_url.get_secret_value(),
        "DRAWBRIDGE_HTTP_PORT": str(port),
        "DRAWBRIDGE_LOG_LEVEL": "WARNING",
        **(settings or {}),
    }
    argv = [sys.executable, "-m", f"drawbridge.{name}", command]
    with TemporaryDirectory(prefix="drawbridge-bench-") as folder:
        process = ServiceProcess(name, argv, environment, Path(folder) / f"{command}.log", port=port)
        await process.start()
        try:
            yield process
        finally:
            await process.terminate()


async def taken(process: ServiceProcess) -> int:
    """How many deliveries of the public queue it has settled, by its metrics page."""
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{process.url}/metrics")).text
    mark = f'drawbridge_intake_messages_total{{queue="{REPROCESS_QUEUE}"'
    return sum(int(float(line.split()[-1])) for line in page.splitlines() if line.startswith(mark))


def peak_mib(process: ServiceProcess) -> float:
    """The most memory that the process ever had resident (Linux: VmHWM)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    [peak] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak.split()[1]) / 1024


def cpu_seconds(process: ServiceProcess) -> float:
    """The processor time that the process has had (Linux: utime and stime)."""
    status = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(status[11]) + int(status[12])) / os.sysconf("SC_CLK_TCK")
