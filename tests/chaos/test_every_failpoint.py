"""Every failpoint raises, kills and sleeps while invoices are on their way, and nothing is lost."""

import asyncio
import re
from importlib import import_module
from pathlib import Path

import pytest

from drawbridge.runtime import failpoints
from drawbridge.testkit.chaos.chance import seeded
from drawbridge.testkit.chaos.checker import Checker
from drawbridge.testkit.chaos.faults import Ground
from drawbridge.testkit.chaos.keeper import Keeper
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.settling import settle
from drawbridge.testkit.chaos.vaults import set_up
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.doors import until
from tests.chaos.errand import run_errands
from tests.chaos.failpoint_names import ACTIONS, PASSED_BY, ROOT, names_in_code, steps

SERVICES = ("gateway", "import_service", "cloud_service", "payment_backfiller")
ERRANDS_AT_ONCE = 3
FIRED_SECONDS = 120.0
NEEDS_A_FAILURE = "work.before_settle"
FAILURE = {"kind": "fail", "status": 500, "times": 2, "match": {"path_prefix": "/rest/v1.1/requisitions"}}
"""Only import-service reads requisitions."""


def test_no_failpoint_is_left_out() -> None:
    for service in SERVICES:
        import_module(f"drawbridge.{service}.wiring")
    declared = {name for name in failpoints.declared() if not name.startswith("sample.")}
    walked = {(name, action) for each in steps().values() for name, action in each}

    assert set(names_in_code()) == declared
    assert walked == {(name, action) for name in declared for action in ACTIONS}
    assert {name.partition(".")[0] for name in declared} == {name for name in PASSED_BY if "." not in name}


def test_every_declared_failpoint_is_passed_somewhere() -> None:
    for path in [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]:
        text = path.read_text()
        for constant in re.findall(r"^(\w+) = failpoints\.declare\(", text, re.MULTILINE):
            assert f"failpoints.hit({constant})" in text, f"{path}: {constant}"


@pytest.mark.chaos
@pytest.mark.timeout(1500)
async def test_nothing_is_lost_whatever_fails_where(own_servers: Servers, proxied_stack: Stack) -> None:
    async with Scene.of(proxied_stack) as scene:
        await set_up(scene)
        ground, enough = Ground(scene, proxied_stack, own_servers), asyncio.Event()
        keeping = asyncio.create_task(Keeper(ground).run())
        chances = [seeded(1, f"errands {number}") for number in range(ERRANDS_AT_ONCE)]
        errands = [asyncio.create_task(run_errands(scene, chance, enough)) for chance in chances]
        walk = asyncio.create_task(_walk_all(ground))
        try:
            await asyncio.wait({walk, *errands}, return_when=asyncio.FIRST_COMPLETED)
            for stuck in errands:
                assert not stuck.done(), stuck.exception()
            done = await walk
        finally:
            enough.set()
            walked = await asyncio.gather(*errands, return_exceptions=True)
            promises, took = await settle(scene, Checker(scene))
            keeping.cancel()

    for promise in promises:
        print(promise)
    print(f"failpoints fired: {done}, errands done: {walked}, settled after {took:.1f} s")
    assert [words for promise in promises for words in promise.broken] == []
    assert not [each for each in walked if isinstance(each, BaseException)]
    assert done == len(names_in_code()) * len(ACTIONS)


async def _walk_all(ground: Ground) -> int:
    """All processes at once; gives how many failpoints fired."""
    return sum(await asyncio.gather(*(_walk(ground, name, todo) for name, todo in steps().items())))


async def _walk(ground: Ground, name: str, todo: list[tuple[str, str]]) -> int:
    """Arm one process with one failpoint after the other, each until it has fired."""
    process = ground.process(name)
    for failpoint, action in todo:
        ground.resting.add(name)
        await process.terminate()
        told = process.log_path.stat().st_size
        process.extra = {failpoints.VARIABLE: f"{failpoint}={action}"}
        process.launch()
        process.extra = {}
        ground.resting.discard(name)
        if failpoint == NEEDS_A_FAILURE:
            await ground.scene.procore.send("POST", "/control/faults", FAILURE)
        verb = f"Failpoint {failpoint} {action.partition(':')[0]}s."
        await until(f"{verb} never", lambda: _told(process.log_path, told, verb), FIRED_SECONDS)  # noqa: B023  # used at once
    return len(todo)


async def _told(log: Path, since: int, words: str) -> bool | None:
    with log.open("rb") as file:
        file.seek(since)
        return True if words.encode() in file.read() else None
