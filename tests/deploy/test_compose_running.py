"""docker-compose.yml on a real engine: the demo's story, and new containers for everything under load."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from rich.console import Console

from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.chaos.checker import Checker
from drawbridge.testkit.chaos.run import OVERRIDES
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.settling import settle
from drawbridge.testkit.chaos.vaults import set_up
from drawbridge.testkit.chaos.workload import Workload
from drawbridge.testkit.stack.compose import SERVERS, SERVICES, ComposeStack
from tests.factories.compose import COMPOSE_FILE

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1800)]
ROUNDS = 2
ACTIONS_A_SECOND = 6.0


@pytest_asyncio.fixture
async def containers(tmp_path: Path) -> AsyncIterator[ComposeStack]:
    async with ComposeStack(COMPOSE_FILE, tmp_path, hasty=OVERRIDES, progress=print) as stack:
        yield stack


async def test_story_is_told_in_containers(containers: ComposeStack) -> None:
    figures = await tell(containers.info, Teller(Console(width=110)))

    print(figures)
    assert figures.lost == []
    assert figures.duplicates == []
    assert figures.invoices == 71
    assert figures.reprocessed == 2


async def test_rolling_restart_under_load_loses_nothing(containers: ComposeStack) -> None:
    seed = int(os.environ.get("SEED", "1"))
    async with Scene.of(containers) as scene:
        await set_up(scene)
        workload, enough = Workload(scene, seed, ACTIONS_A_SECOND), asyncio.Event()
        working = asyncio.create_task(workload.run(enough))
        try:
            for service in (*SERVICES, *SERVERS) * ROUNDS:
                print(f"{service} replaced in {await containers.replace(service):.1f} s", file=sys.stderr)
                assert not working.done(), working
        finally:
            enough.set()
            await working
        promises, took = await settle(scene, Checker(scene))

    print(f"seed={seed} done: {dict(workload.done)}, settled after {took:.1f} s")
    for promise in promises:
        print(promise, *promise.broken, sep="\n  ")
    assert not [words for promise in promises for words in promise.broken], containers.info.folder
