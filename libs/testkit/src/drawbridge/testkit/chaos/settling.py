"""After the faults: everything works again, the jobs run, and it is waited for until all has its end."""

import asyncio
import time
from functools import partial

from drawbridge.testkit.chaos.checker import Checker, Promise
from drawbridge.testkit.chaos.faults import Ground
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload.clicking import JOBS, VAULTS, click
from drawbridge.testkit.proxy import Mode
from drawbridge.testkit.stack.doors import FINAL, until

_PATIENCE = 180.0
"""Seconds in which all must have come to its end; the longest back-offs are within."""

_JOBS_EVERY = 20.0


async def heal(ground: Ground) -> None:
    """Let the network pass and Procore behave."""
    for proxy in ground.stack.proxies.values():
        await proxy.switch(Mode.PASS)
    await ground.scene.procore.send("DELETE", "/control/faults")


async def settle(scene: Scene, checker: Checker) -> tuple[list[Promise], float]:
    """Look until every promise is kept, or time is over; gives the last look and the seconds that it took."""
    began = time.monotonic()
    jobs_at = began
    while True:
        if time.monotonic() >= jobs_at:
            await _run_jobs(scene)
            jobs_at = time.monotonic() + _JOBS_EVERY
        promises = await checker.look()
        took = time.monotonic() - began
        if not any(promise.broken for promise in promises) or took > _PATIENCE:
            return promises, took
        await asyncio.sleep(1)


async def _run_jobs(scene: Scene) -> None:
    """Run all payment jobs and wait for them."""
    for job in JOBS:
        for vault in VAULTS:
            said = await click(scene, f"/v1/vaults/{vault}/jobs/{job}/runs", {"dry_run": False}, what=job)
            if said and "id" in said:
                await until(f"{job} of {vault} did not end", partial(_ended, scene, said["id"]))


async def _ended(scene: Scene, operation_id: str) -> bool | None:
    operation = await scene.gateway.get(f"/v1/operations/{operation_id}")
    return True if operation["status"] in FINAL else None
