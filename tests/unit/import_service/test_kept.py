"""What is kept of Procore's answers, and for how long."""

import asyncio
from datetime import timedelta

import pytest

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.import_service.kept import Kept
from tests.factories.procore import Clock


class Asked:
    """Counts questions; answers with their number, or as told."""

    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.count += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return self.count


async def test_many_callers_ask_once_and_share_the_answer() -> None:
    kept, asked = Kept[int](timedelta(hours=1), Clock()), Asked()
    assert await asyncio.gather(*(kept.get(7, asked) for _ in range(10))) == [1] * 10
    assert await kept.get(8, asked) == 2


async def test_an_answer_expires() -> None:
    clock = Clock()
    kept, asked = Kept[int](timedelta(hours=1), clock), Asked()
    await kept.get(7, asked)
    clock.advance(minutes=59)
    assert await kept.get(7, asked) == 1
    assert await kept.get(7, asked, not_older_than=timedelta(minutes=5)) == 2
    clock.advance(minutes=60)
    assert await kept.get(7, asked) == 3


async def test_a_refusal_is_kept_for_a_few_minutes_only() -> None:
    clock = Clock()
    kept, asked = Kept[int](timedelta(hours=1), clock), Asked()
    asked.error = Refused("procore_forbidden", "No.", "Ask an admin.")
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            await kept.get(7, asked)
        assert caught.value.problem.advice == "Ask an admin."
    assert asked.count == 1
    clock.advance(minutes=5)
    asked.error = None
    assert await kept.get(7, asked) == 2


async def test_a_failure_that_may_pass_is_not_kept() -> None:
    kept, asked = Kept[int](timedelta(hours=1), Clock()), Asked()
    asked.error = Retryable("cut")
    with pytest.raises(Retryable):
        await kept.get(7, asked)
    asked.error = None
    assert await kept.get(7, asked) == 2
