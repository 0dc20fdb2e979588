"""``light_grid``: from the gateway's 202 for an import to the imported row in its grid, on a whole stack."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack, StackInfo
from tests.bench.figures import AtMost, percentile

COUNT = 100
GOAL_MS = 300
_VAULT = "/v1/vaults/bench"
_GRID = f"{_VAULT}/procore-invoices"
_LOOK_SECONDS = 0.005
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


async def bench_light_grid(servers: Servers, _rounds: int) -> list[AtMost]:
    """One import after the other: gateway, import-service, the Procore double, and back."""
    with TemporaryDirectory(prefix="drawbridge-bench-") as folder:
        async with Stack(servers, Path(folder)) as stack, _door(stack.info) as door:
            wanted = await _billed(door, stack.info)
            milliseconds = []
            for requisition_id in wanted:
                milliseconds.append(await _imported(door, requisition_id))
                await asyncio.sleep(_PAUSE_SECONDS)
    p50, p99 = (percentile(milliseconds, part) for part in (50, 99))
    words = f"p99 of {COUNT}, one after the other; p50={p50:.0f} max={max(milliseconds):.0f}"
    return [AtMost("light_grid", p99, GOAL_MS, "ms", words)]


def _door(info: StackInfo) -> httpx.AsyncClient:
    key = {"Authorization": f"Bearer {info.api_key}", "If-Match": "*"}
    return httpx.AsyncClient(base_url=info.api_url, headers=key, trust_env=False, timeout=15)


async def _billed(door: httpx.AsyncClient, info: StackInfo) -> list[int]:
    """A vault on one project with enough approved invoices, all of them in the grid."""
    async with httpx.AsyncClient(base_url=info.procore_url, trust_env=False) as procore:
        project = (await procore.get("/control/facts")).json()["active_project_ids"][0]
        path = f"/control/projects/{project}/requisitions"
        for _ in range(COUNT):
            (await procore.post(path, json={})).raise_for_status()
    (await door.put(_VAULT, json=_settings(info, project))).raise_for_status()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while len(wanted := await _importable(door)) < COUNT:  # noqa: ASYNC110  # as a front end
            await asyncio.sleep(0.5)
    return wanted[:COUNT]


async def _importable(door: httpx.AsyncClient) -> list[int]:
    page: dict[str, Any] = (await door.get(_GRID, params={"range": "all", "limit": 200})).json()
    return [row["requisition_id"] for row in page["items"] if row["actions"]["import"]["allowed"]]


async def _imported(door: httpx.AsyncClient, requisition_id: int) -> float:
    """Milliseconds from the answer of the click to the row that shows its effect."""
    answer = await door.post(f"{_GRID}/{requisition_id}/import", headers={"Prefer": "wait=0"})
    answer.raise_for_status()
    accepted = time.perf_counter()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await _state(door, requisition_id) != "imported":  # noqa: ASYNC110  # as a front end
            await asyncio.sleep(_LOOK_SECONDS)
    return (time.perf_counter() - accepted) * 1000


async def _state(door: httpx.AsyncClient, requisition_id: int) -> object:
    return (await door.get(f"{_GRID}/{requisition_id}")).json()["import_state"]


def _settings(info: StackInfo, project: int) -> dict[str, Any]:
    return {
        "name": "Bench",
        "time_zone": "America/Denver",
        "currency": "USD",
        "procore": {
            "company_id": info.company_id,
            "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
            "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
        },
        "projects": [project],
        "automated_import": "none",
        "poll_seconds": 3600,
    }
