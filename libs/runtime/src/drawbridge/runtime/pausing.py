"""Waiting that a shutdown can interrupt, and the back-off between two tries."""

import asyncio
import random

SHORTEST = 0.2
LONGEST = 5.0

_JITTER = random.SystemRandom()


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for so many seconds, or until ``stop`` is set; true when it is."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return stop.is_set()
    return True


def back_off(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 0.2 s doubling to 5 s, with jitter down to half.

    The jitter keeps the processes of one installation from coming back in step.
    """
    ceiling = min(LONGEST, SHORTEST * 2.0 ** min(max(failures, 1) - 1, 16))
    return _JITTER.uniform(ceiling / 2, ceiling)
