"""Every Deployment as it is rendered, on local servers: its command, its environment, its probes."""

import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

import httpx
import pytest

from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceProcess
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.configuration import Configuration
from tests.factories.compose import image_variables
from tests.factories.manifests import Manifest, given, of_kind, process

DEPLOYMENTS = of_kind("prod", "Deployment")
GOAL_MEMORY, MOST_MEMORY = 100, 115
"""MiB of an idle process: the goal, and what is asserted, because builds of Python differ. The API has no
identity provider here: the libraries for tokens weigh 15 more."""


def _secrets(chosen: Configuration) -> Mapping[tuple[str, str], str]:
    """What the manifests refer to, on this machine."""
    own = {
        (service.replace("_", "-"), key): chosen.environment(service, port=service)[variable]
        for service in ("gateway", "import_service", "cloud_service", "payment_backfiller")
        for key, variable in (
            ("database-url", "DRAWBRIDGE_SECRET_DATABASE_URL"),
            ("amqp-url", "DRAWBRIDGE_SECRET_AMQP_URL"),
        )
    }
    return own | {
        ("operator", "bootstrap-key"): chosen.api_key,
        ("procore", "client-id"): "sandbox-client",
        ("procore", "client-secret"): "sandbox-secret",
        ("ledger", "sage-url"): chosen.seen.ledger_url,
    }


def _started(name: str, manifest: Manifest, chosen: Configuration, folder: Path) -> ServiceProcess:
    container, port = process(manifest), free_port()
    program, *arguments = container["command"]
    environment = image_variables() | given(container, _secrets(chosen))
    environment |= {"DRAWBRIDGE_HTTP_HOST": "127.0.0.1", "DRAWBRIDGE_HTTP_PORT": str(port)}
    if "DRAWBRIDGE_LEDGERS_FILE" in environment:
        environment["DRAWBRIDGE_LEDGERS_FILE"] = str(chosen.write_ledgers())
    argv = [str(Path(sys.executable).with_name(program)), *arguments]
    return ServiceProcess(name, argv, environment, folder / f"{name}.log", port=port)


async def _answers(running: ServiceProcess, manifest: Manifest) -> dict[str, int]:
    container = process(manifest)
    paths = {
        kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")
    }
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=20) as client:
        return {kind: (await client.get(path)).status_code for kind, path in paths.items()}


def _mebibytes(pid: int | None) -> int:
    """The resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) // 1024


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_deployment_runs_as_kubernetes_would_run_it(servers: Servers, tmp_path: Path) -> None:
    async with Stack(servers, tmp_path) as stack:
        chosen = stack.configuration
        for each in stack.processes.values():
            await each.terminate()
        began = monotonic()
        running = {name: _started(name, each, chosen, tmp_path) for name, each in DEPLOYMENTS.items()}
        try:
            for each in running.values():
                each.launch()
            for each in running.values():
                await each.ready(seconds=90)
            print(f"stop to ready of all five: {monotonic() - began:.1f} s")
            for name, each in running.items():
                assert set((await _answers(each, DEPLOYMENTS[name])).values()) == {200}, name
            memory = {name: _mebibytes(each.pid) for name, each in running.items()}
            print(f"resident MiB when idle, goal {GOAL_MEMORY}: {memory}")
            assert all(each <= MOST_MEMORY for each in memory.values()), memory
            codes = {name: await each.terminate() for name, each in running.items()}
            assert set(codes.values()) == {0}, codes
        finally:
            for each in running.values():
                each.kill()
