"""docker-compose.yml rehearsed without a container engine: its commands and environments, in its order.

Only addresses, ports and paths are replaced; the servers are real, images are not built.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from drawbridge.testkit.isolation import create_database, drop_database, unique_name
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceProcess
from drawbridge.testkit.servers import Server, start_postgres
from tests.factories.compose import SANDBOX_FILES, is_job, our_services, variables

OURS = our_services()
LAST = "vaults"
ARGUMENTS = {"0.0.0.0": "127.0.0.1"}  # noqa: S104  # replaced, never listened on


@dataclass(frozen=True)
class Stage:
    """Where the containers' addresses lead on this machine."""

    database: str
    vhost: str
    addresses: Mapping[str, str]
    ports: Mapping[str, int] = field(default_factory=lambda: {name: free_port() for name in OURS})

    def command(self, name: str) -> list[str]:
        """The command line of a service, with the programs of this environment."""
        program, *arguments = OURS[name]["command"]
        replaced = ARGUMENTS | {"8080": str(self.ports[name])}
        given = [replaced.get(each, self._here(each)) for each in arguments]
        also = {"provision": ["--database", self.database], "broker-users": ["--vhost", self.vhost]}
        return [str(Path(sys.executable).with_name(program)), *given, *also.get(name, [])]

    def health_check(self, name: str) -> list[str]:
        """How the file asks a process whether it is well."""
        kind, program, *arguments = OURS[name]["healthcheck"]["test"]
        assert kind == "CMD", "the image need not have a shell"
        given = [each.replace(":8080/", f":{self.ports[name]}/") for each in arguments]
        return [str(Path(sys.executable).with_name(program)), *given]

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a service."""
        given = {key: self._here(value) for key, value in variables(OURS[name]).items()}
        return given | {"DRAWBRIDGE_HTTP_PORT": str(self.ports[name])}

    def _here(self, text: str) -> str:
        for theirs, ours in self.addresses.items():
            text = text.replace(theirs, ours)
        for name, port in self.ports.items():
            text = text.replace(f"http://{name}:8080", f"http://127.0.0.1:{port}")
        return text


@pytest.fixture
async def stage(amqp_vhost: str, rabbitmq_server: Server) -> AsyncIterator[Stage]:
    """A vhost, and a PostgreSQL for this test alone: the file's roles belong to the whole server."""
    management = rabbitmq_server.management_url
    if management is None:
        pytest.skip("the given broker has no management API, so no users can be made")
    broker = urlsplit(amqp_vhost)
    vhost = broker.path.lstrip("/")
    postgres = await start_postgres()
    database, ledger = unique_name("drawbridge"), unique_name("ledger")
    try:
        server = urlsplit(postgres.url)
        yield Stage(
            database,
            vhost,
            {
                "amqp://drawbridge:try-it@rabbitmq:5672/": amqp_vhost,
                "http://drawbridge:try-it@rabbitmq:15672": management,
                "@rabbitmq:5672/": f"@{broker.hostname}:{broker.port}/{vhost}",
                "postgresql://postgres:try-it@postgres:5432/postgres": postgres.url,
                "postgresql://ledger:try-it@ledger:5432/ledger": await create_database(postgres.url, ledger),
                "@postgres:5432/drawbridge": f"@{server.hostname}:{server.port}/{database}",
                "/etc/drawbridge": str(SANDBOX_FILES),
            },
        )
        for name in (database, ledger):
            await drop_database(postgres.url, name)
        await _remove_users(management)
    finally:
        postgres.close()


@pytest.fixture
async def processes() -> AsyncIterator[dict[str, ServiceProcess]]:
    """Those that were started; whatever still runs at the end is killed."""
    started: dict[str, ServiceProcess] = {}
    yield started
    for process in started.values():
        process.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_everything_starts_in_the_order_of_the_file_and_takes_a_vault(
    stage: Stage, processes: dict[str, ServiceProcess], tmp_path: Path
) -> None:
    for name in _order():
        if is_job(OURS[name]):
            await _run(stage, name)
        else:
            assert await _asked(stage, name) != 0, f"{name} is well before it runs"
            processes[name] = await _start(stage, name, tmp_path / name)
            assert await _asked(stage, name) == 0, f"{name} runs and is not well"
    answer = await _run(stage, LAST)
    assert answer.count(" well ") == 3, answer
    codes = await asyncio.gather(*(process.terminate() for process in processes.values()))
    assert dict(zip(processes, codes, strict=True)) == dict.fromkeys(processes, 0)
    assert [line for name in processes for line in _errors(tmp_path / name)] == []


def _order() -> list[str]:
    """What the file starts with ``--profile sandbox``, each after those that it waits for."""
    graph = {name: set(each.get("depends_on", {})) & set(OURS) for name, each in OURS.items()}
    return [name for name in TopologicalSorter(graph).static_order() if name != LAST]


async def _run(stage: Stage, name: str) -> str:
    """Run a job to its end; what it said."""
    job = await asyncio.create_subprocess_exec(
        *stage.command(name),
        env={"PATH": os.environ["PATH"], **stage.environment(name)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await job.communicate()
    text = output.decode(errors="replace")
    assert job.returncode == 0, f"{name}: {text}"
    return text


async def _asked(stage: Stage, name: str) -> int:
    """The exit code of a process's health check, with no variable but those of the image."""
    asked = await asyncio.create_subprocess_exec(
        *stage.health_check(name),
        env={},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asked.wait()


async def _remove_users(management_url: str) -> None:
    """Users belong to the whole broker, so a vhost does not take them with it."""
    async with httpx.AsyncClient(base_url=management_url, trust_env=False) as client:
        for name in ("gateway", "import-service", "cloud-service", "payment-backfiller", "clerk"):
            await client.delete(f"/api/users/{name}")


async def _start(stage: Stage, name: str, log: Path) -> ServiceProcess:
    """Start a process; it is ready afterwards."""
    process = ServiceProcess(name, stage.command(name), stage.environment(name), log, port=stage.ports[name])
    await process.start(seconds=60)
    return process


def _errors(log: Path) -> list[str]:
    """The errors that a process has logged."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if '"level": "error"' in line]
