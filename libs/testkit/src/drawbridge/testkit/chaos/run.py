"""One run of chaos: set up, measure in peace, let faults rain on the workload, settle, replay, count."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drawbridge.testkit.chaos.calm import MESSAGES, measure_calm
from drawbridge.testkit.chaos.checker import Checker, Promise
from drawbridge.testkit.chaos.faults import FAULTS, Fault, Ground
from drawbridge.testkit.chaos.faults.servers import are_ours, wait_for_queue_names
from drawbridge.testkit.chaos.keeper import Keeper
from drawbridge.testkit.chaos.plan import Step, plan
from drawbridge.testkit.chaos.recovery import recovered
from drawbridge.testkit.chaos.replays import check_replays
from drawbridge.testkit.chaos.retries import count_retries
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.settling import heal, settle
from drawbridge.testkit.chaos.times import Times, check_restarts
from drawbridge.testkit.chaos.vaults import set_up
from drawbridge.testkit.chaos.workload import Workload
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack

OVERRIDES = {
    "DRAWBRIDGE_LEASE_SECONDS": "20",
    "DRAWBRIDGE_DOUBT_SECONDS": "3",
    "DRAWBRIDGE_RECHECK_SECONDS": "12",
}
"""Shorter waits than in production, in the same order: late answers, doubt, the next listing."""

_RECOVERY_PATIENCE = 90.0

type Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What to run: for how many ``seconds`` faults rain, at how many actions a second.

    ``calm`` is the number of messages in each turn of the measurement in peace. Limits of time are multiplied
    by ``loose``, for machines that do other things besides.
    """

    seed: int
    seconds: float
    faults: Sequence[str]
    rate: float = 8.0
    calm: int = MESSAGES
    loose: float = 1.0


@dataclass
class Report:
    """What came of it."""

    promises: list[Promise]
    notes: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """Everything that breaks a promise, with the promise's id."""
        return [f"{promise.id} {words}" for promise in self.promises for words in promise.broken]


async def run_chaos(stack: Stack, servers: Servers, wish: Wish, tell: Tell) -> Report:
    """Run against a started, proxied stack, which is left running and healed."""
    async with Scene.of(stack) as scene:
        tell("Setting up three vaults")
        await set_up(scene)
        await wait_for_queue_names()
        calm, counted = None, None
        if wish.calm:
            tell("Measuring in peace")
            calm = await measure_calm(scene, wish.seed, wish.calm, wish.loose)
            counted = await count_retries(scene)
        ground, workload = Ground(scene, stack, servers), Workload(scene, wish.seed, wish.rate)
        times, keeper = Times(), Keeper(ground)
        tell(f"Faults for {wish.seconds:.0f} seconds")
        async with _kept(keeper):
            await _storm(ground, workload, wish, times, tell)
            tell("Settling")
            await heal(ground)
            checker = Checker(scene)
            promises, took = await settle(scene, checker)
        promises += [times.promise(keeper.ended, wish.loose), check_restarts(ground.stops, wish.loose)]
        if calm and counted:
            calm.add_to(_named("R4", promises))
            counted.add_to(_named("R8", promises), exactly=wish.loose == 1)
            promises.append(calm.lag)
        if not any(promise.broken for promise in promises):
            tell("Replaying everything")
            promises.append(await check_replays(ground))
        else:
            promises.append(Promise("R9", {"replayed": "nothing, because a promise is broken"}))
            checker.write_evidence(Path(stack.info.folder) / "seen.json")
        notes = _notes(scene, workload, took)
    return Report(sorted(promises, key=lambda promise: int(promise.id[1:])), notes)


def _named(name: str, promises: Sequence[Promise]) -> Promise:
    return next(promise for promise in promises if promise.id == name)


async def _storm(ground: Ground, workload: Workload, wish: Wish, times: Times, tell: Tell) -> None:
    """Let faults rain on the workload, one after the other; each is over before the next."""
    enough = asyncio.Event()
    working = asyncio.create_task(workload.run(enough))
    try:
        end = time.monotonic() + wish.seconds
        for step in _steps(ground, wish):
            await asyncio.wait({working}, timeout=step.pause)
            if working.done() or time.monotonic() > end:
                break
            await _act(ground, FAULTS[step.fault], step, times, tell)
    finally:
        enough.set()
        await working


def _steps(ground: Ground, wish: Wish) -> Iterator[Step]:
    """Servers that somebody else runs are not stopped."""
    ours = are_ours(ground)
    return (step for step in plan(wish.seed, wish.faults) if ours or FAULTS[step.fault].family != "server")


async def _act(ground: Ground, fault: Fault, step: Step, times: Times, tell: Tell) -> None:
    await fault.act(ground, step.seconds)
    try:
        took = await recovered(ground, _RECOVERY_PATIENCE)
    except TimeoutError:
        took = _RECOVERY_PATIENCE
    times.add(fault.recovery, took)
    tell(f"  {fault.name:<28} for {step.seconds:4.1f} s, works again after {took:4.1f} s")


@contextlib.asynccontextmanager
async def _kept(keeper: Keeper) -> AsyncIterator[None]:
    task = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _notes(scene: Scene, workload: Workload, took: float) -> list[str]:
    asked = scene.asked
    return [
        f"settled after {took:.1f} s",
        f"done: {', '.join(f'{name} {number}' for name, number in workload.done.most_common())}",
        f"duplicates published: {asked.duplicates}",
        f"messages never confirmed: {asked.unconfirmed}, clicks without an answer: {asked.unanswered}",
        f"answers 5xx: {scene.gateway.failures or 'none'}",
    ]
