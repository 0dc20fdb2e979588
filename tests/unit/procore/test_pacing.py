"""Hours of calls in virtual time, against every way in which Procore may count and tell."""

import asyncio
import math
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import pytest

from drawbridge.contracts.errors import Waiting
from drawbridge.procore import RateLimiter, bulk_calls
from tests.factories.virtual_time import Now, run_virtually

SPIKE, HOURLY = (25, timedelta(seconds=10)), (600, timedelta(hours=1))
"""The documented samples: calls, and the length of the window."""

HOURS = 4

type Counting = Literal["fixed", "rolling"]
type Nearer = Literal["calls", "proportion"]


@dataclass
class Counted:
    """One window of Procore's, which starts with its first call or rolls with time."""

    limit: int
    length: timedelta
    counting: Counting
    calls: deque[datetime] = field(default_factory=deque)

    def forget(self, now: datetime) -> None:
        if self.counting == "rolling":
            while self.calls and self.calls[0] <= now - self.length:
                self.calls.popleft()
        elif self.calls and self.calls[0] <= now - self.length:
            self.calls.clear()

    @property
    def remaining(self) -> int:
        return max(0, self.limit - len(self.calls))

    @property
    def reset(self) -> datetime:
        return self.calls[0] + self.length


class Counter:
    """Procore's side of the limit; it answers a call some time after it counted it."""

    def __init__(self, now: Now, counting: Counting, nearer: Nearer) -> None:
        self._now = now
        self._nearer = nearer
        self.windows = [Counted(*SPIKE, counting), Counted(*HOURLY, counting)]
        self.allowed = 0
        self.refused = 0

    async def call(self, limiter: RateLimiter, rng: random.Random) -> None:
        """One call by the rules of the limiter."""
        await limiter.turn()
        await asyncio.sleep(rng.uniform(0.01, 0.2))
        good, headers = self._count()
        await asyncio.sleep(rng.uniform(0.01, 0.4))
        if good:
            limiter.saw(headers)
        else:
            raise limiter.refused(headers)

    def _count(self) -> tuple[bool, dict[str, str]]:
        for window in self.windows:
            window.forget(self._now())
        good = all(window.remaining for window in self.windows)
        self.allowed += good
        self.refused += not good
        for window in self.windows:
            window.calls.append(self._now())
        shown = min(
            self.windows,
            key=lambda each: each.remaining / (1 if self._nearer == "calls" else each.limit),
        )
        headers = {
            "x-rate-limit-limit": str(shown.limit),
            "x-rate-limit-remaining": str(shown.remaining),
            "x-rate-limit-reset": str(math.ceil(shown.reset.timestamp())),
        }
        return good, headers


async def _work(counter: Counter, limiter: RateLimiter, now: Now, until: datetime, seed: int) -> None:
    """A worker that always has something to ask, and comes back when it was told to wait."""
    rng = random.Random(seed)
    with bulk_calls():
        while now() < until:
            try:
                await counter.call(limiter, rng)
            except Waiting as wait:
                await asyncio.sleep((wait.until - now()).total_seconds() + rng.uniform(0, 1))


async def _busy_hours(now: Now, counting: Counting, nearer: Nearer) -> Counter:
    """Eight tasks of one worker that share a limiter."""
    counter, limiter = Counter(now, counting, nearer), RateLimiter(now=now)
    until = now() + timedelta(hours=HOURS) - timedelta(seconds=1)
    async with asyncio.TaskGroup() as group:
        for task in range(8):
            group.create_task(_work(counter, limiter, now, until, seed=task))
    return counter


@pytest.mark.parametrize("nearer", ["calls", "proportion"])
@pytest.mark.parametrize(("counting", "refused"), [("fixed", 0), ("rolling", 0.01)])
def test_no_call_is_refused_and_the_budget_is_used_up(
    counting: Counting, refused: float, nearer: Nearer
) -> None:
    counter = run_virtually(lambda now: _busy_hours(now, counting, nearer))
    assert counter.refused <= refused * counter.allowed
    assert counter.allowed >= 0.95 * HOURS * HOURLY[0]


def test_a_persons_call_never_waits_for_the_hour_while_bulk_work_does() -> None:
    async def clicks(now: Now) -> int:
        counter, limiter, done = Counter(now, "fixed", "calls"), RateLimiter(now=now), 0
        async with asyncio.TaskGroup() as group:
            for task in range(8):
                group.create_task(_work(counter, limiter, now, now() + timedelta(hours=3), seed=task))
            for _ in range(11):
                await asyncio.sleep(15 * 60)
                async with asyncio.timeout(15):
                    await _patiently(counter, limiter, now)
                done += 1
        assert counter.refused == 0
        return done

    assert run_virtually(clicks) == 11


async def _patiently(counter: Counter, limiter: RateLimiter, now: Now) -> None:
    """A person's call; a wait for the short window is put up with."""
    while True:
        try:
            return await counter.call(limiter, random.Random(1))
        except Waiting as wait:
            await asyncio.sleep((wait.until - now()).total_seconds())
