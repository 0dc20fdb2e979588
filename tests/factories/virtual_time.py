"""Hours in milliseconds: an event loop whose clock jumps to the next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

type Now = Callable[[], datetime]


class _Jump(selectors.SelectSelector):
    """Never waits; remembers how long the loop wanted to."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("Nothing is scheduled, so nothing will ever happen again.")
        self.elapsed += max(timeout, 0.0)
        return super().select(0)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.elapsed


def run_virtually[T](main: Callable[[Now], Coroutine[None, None, T]]) -> T:
    """Run what needs no network and no thread; ``main`` gets the clock."""
    loop = _VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(lambda: BEGAN + timedelta(seconds=loop.time())))
