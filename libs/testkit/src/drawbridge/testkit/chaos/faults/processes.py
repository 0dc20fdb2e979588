"""Processes are killed, restarted in good order one after the other, and frozen past their lease."""

import time
from functools import partial

from drawbridge.testkit.chaos.faults.fault import PROCESSES, WORKERS, Fault, Ground, Stop, hold

LEASE_SECONDS = 20
"""The lease in a chaos run: the shortest that payment-backfiller takes."""


async def _kill(name: str, ground: Ground, seconds: float) -> None:
    ground.resting.add(name)
    ground.process(name).kill()
    await hold(seconds)
    await ground.start(name)


async def _roll(ground: Ground, seconds: float) -> None:
    """Restart every process in good order, as an upgrade does."""
    for name in PROCESSES:
        ground.resting.add(name)
        await _stop(ground, name)
        await ground.start(name)
        await hold(seconds)


async def _pause(name: str, ground: Ground, seconds: float) -> None:
    """Freeze a worker past its lease while a twin takes its work over, then let it go on."""
    processes = ground.stack.processes
    twin = processes.get(f"{name}_twin") or ground.stack.add_twin(name)
    ground.resting.add(twin.name)
    await twin.start(seconds=60)
    ground.process(name).pause()
    try:
        await hold(seconds)
    finally:
        ground.process(name).resume()
    await hold(2)
    await _stop(ground, twin.name)


async def _stop(ground: Ground, name: str) -> None:
    """Ask for an orderly stop and remember how it went."""
    began = time.monotonic()
    code = await ground.process(name).terminate()
    ground.stops.append(Stop(name, time.monotonic() - began, code))


def process_faults() -> list[Fault]:
    """All faults of processes."""
    kills = [Fault(f"kill {name}", "kill", partial(_kill, name), 0, 2) for name in PROCESSES]
    pauses = [
        Fault(f"pause {name}", "pause", partial(_pause, name), LEASE_SECONDS + 1, LEASE_SECONDS + 5)
        for name in WORKERS
    ]
    return [*kills, Fault("rolling restart", "rolling", _roll, 0, 0.5), *pauses]
