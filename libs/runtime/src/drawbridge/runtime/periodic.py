"""Something done again and again for as long as the process runs."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from drawbridge.runtime.logs import get_logger
from drawbridge.runtime.pausing import back_off, pause
from drawbridge.runtime.transient import is_transient

_JITTER = random.SystemRandom()
_log = get_logger(__name__)


class _Periodic:
    def __init__(self, name: str, every: timedelta, action: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._every = every.total_seconds()
        self._action = action
        self._failures = 0

    def ready(self) -> bool:
        """Always: a late round does not make the process useless."""
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Act at once, then every interval give or take a tenth, until ``stop`` is set."""
        while not stop.is_set():
            await pause(stop, await self._round())

    async def _round(self) -> float:
        """Act once; the seconds to wait afterwards."""
        try:
            await self._action()
        except Exception as error:
            if not is_transient(error):
                raise
            self._failures += 1
            _log.warning("periodic.postponed", component=self.name, error=str(error))
            return min(back_off(self._failures), self._every)
        self._failures = 0
        return self._every * _JITTER.uniform(0.9, 1.1)


def periodic(name: str, every: timedelta, action: Callable[[], Awaitable[None]]) -> _Periodic:
    """A component that acts at once and then every interval; a lost connection only delays the next round."""
    return _Periodic(name, every, action)
