"""Some hands do random things, each hand one after the other, until it is enough."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

import httpx

from drawbridge.testkit.chaos.chance import seeded
from drawbridge.testkit.chaos.publisher import is_lost
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload import billing, clicking, paying, publishing
from drawbridge.testkit.stack.doors import DoorError

type Action = Callable[[Scene, Random], Awaitable[None]]

ACTIONS: dict[Action, int] = {
    publishing.publish_one: 30,
    publishing.publish_repeat: 8,
    publishing.publish_again: 10,
    publishing.publish_burst: 3,
    publishing.publish_poison: 3,
    clicking.click_import: 8,
    clicking.click_new_invoice: 6,
    clicking.click_refresh: 3,
    clicking.click_process: 14,
    clicking.click_reprocess: 3,
    clicking.click_sync: 2,
    clicking.click_job: 5,
    billing.bill_another: 6,
    billing.change_status: 5,
    billing.correct: 4,
    paying.write_check: 8,
    paying.void_check: 2,
}
"""What is done, and how often for each time that something else is done."""

HANDS = 4
_LONGEST = 100.0


class Workload:
    """``rate`` is actions a second, all hands together; ``done`` counts them by name."""

    def __init__(self, scene: Scene, seed: int, rate: float) -> None:
        self._scene = scene
        self._seed = seed
        self._rate = rate
        self.done: Counter[str] = Counter()

    async def run(self, enough: asyncio.Event) -> None:
        """Work until ``enough`` is set, then finish what is in hand."""
        async with asyncio.TaskGroup() as hands:
            for number in range(HANDS):
                hands.create_task(self._hand(seeded(self._seed, f"hand {number}"), enough))

    async def _hand(self, chance: Random, enough: asyncio.Event) -> None:
        actions, weights = list(ACTIONS), list(ACTIONS.values())
        while not enough.is_set():
            action = chance.choices(actions, weights)[0]
            # An action draws from a chance of its own: how much it draws depends on what it sees.
            own = seeded(chance.getrandbits(32), action.__name__)
            if await self._do(action, own):
                self.done[action.__name__] += 1
            try:
                async with asyncio.timeout(chance.expovariate(self._rate / HANDS)):
                    await enough.wait()
            except TimeoutError:
                continue

    async def _do(self, action: Action, chance: Random) -> bool:
        """False where a fault was in the way: an outsider shrugs and goes on."""
        try:
            async with asyncio.timeout(_LONGEST):
                await action(self._scene, chance)
        except Exception as error:
            if not is_lost(error) and not isinstance(error, httpx.HTTPError | DoorError):
                raise
            return False
        return True
