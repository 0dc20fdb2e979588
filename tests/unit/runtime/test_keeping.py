"""A part of a process that loses its connection is started again; any other end is not forgiven."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drawbridge.runtime import keeping
from drawbridge.runtime.keeping import keep_running


class Part:
    """Does one thing at each start; waits for the stop once there is nothing left to do."""

    name = "part"

    def __init__(self, *starts: Callable[[], Awaitable[None]]) -> None:
        self._starts = list(starts)
        self.started = 0

    def ready(self) -> bool:
        return True

    async def run(self, stop: asyncio.Event) -> None:
        self.started += 1
        if self._starts:
            await self._starts.pop(0)()
        else:
            stop.set()


async def _lose_connection() -> None:
    raise ConnectionResetError


async def _wait_for_something_cancelled() -> None:
    """As aiormq ends a wait on a connection that is lost."""
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    answer.cancel()
    await answer


async def _fail() -> None:
    raise ValueError("nonsense")


async def _return() -> None:
    """End although nobody asked for it."""


async def _sleep() -> None:
    await asyncio.sleep(60)


async def test_part_starts_again_after_a_lost_connection() -> None:
    part = Part(_lose_connection)
    await keep_running(part, asyncio.Event())
    assert part.started == 2


async def test_a_part_that_ran_for_a_while_has_no_failures_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[int] = []

    def back_off(number: int) -> float:
        failures.append(number)
        return 0

    async def run_and_lose() -> None:
        await asyncio.sleep(keeping._STEADY_SECONDS)  # noqa: SLF001  # the limit that is tested
        raise ConnectionResetError

    monkeypatch.setattr(keeping, "back_off", back_off)
    monkeypatch.setattr(keeping, "_STEADY_SECONDS", 0.2)
    part = Part(_lose_connection, _lose_connection, run_and_lose, _lose_connection)
    await keep_running(part, asyncio.Event())
    assert failures == [1, 2, 1, 2]


async def test_a_wait_that_a_library_cancels_is_a_lost_connection() -> None:
    part = Part(_wait_for_something_cancelled, _wait_for_something_cancelled)
    await keep_running(part, asyncio.Event())
    assert part.started == 3


async def test_cancelling_the_part_itself_ends_it() -> None:
    task = asyncio.create_task(keep_running(Part(_sleep), asyncio.Event()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_any_other_error_is_raised() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        await keep_running(Part(_fail), asyncio.Event())


async def test_an_end_that_nobody_asked_for_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="nobody asked"):
        await keep_running(Part(_return), asyncio.Event())
