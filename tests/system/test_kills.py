"""``kill -9`` in the middle of the story: it goes on where it was."""

import asyncio
import os
from random import Random

import pytest

from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.stack import Stack
from tests.system.conftest import StartStack

SERVICES = ("api", "gateway", "import_service", "cloud_service", "payment_backfiller", "clerk")
"""The Procore double is not among them: it keeps its books in memory only."""


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_story_survives_a_kill_of_every_process(start_stack: StartStack, teller: Teller) -> None:
    seed = int(os.environ.get("SEED", "1"))
    async with start_stack(DRAWBRIDGE_LEASE_SECONDS="20") as stack:
        killing = asyncio.create_task(_kill_again_and_again(stack, Random(seed)))
        try:
            figures = await tell(stack.info, teller)
        finally:
            killing.cancel()
        killed = await asyncio.gather(killing, return_exceptions=True)

    print(f"seed={seed} {figures}")
    assert not isinstance(killed[0], Exception), killed[0]
    assert figures.lost == []
    assert figures.duplicates == []
    assert figures.reprocessed == 2


async def _kill_again_and_again(stack: Stack, random: Random) -> None:
    """Each process once, in a random order and a few seconds apart, then from the beginning."""
    while True:
        for name in random.sample(SERVICES, len(SERVICES)):
            await asyncio.sleep(random.uniform(0.5, 4))
            await stack.processes[name].restart(kill=True)
