"""Runs one of our components for the length of a measurement."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from drawbridge.runtime import Component

_LOOK_SECONDS = 0.01
_PATIENCE_SECONDS = 300.0


@asynccontextmanager
async def running(component: Component) -> AsyncIterator[None]:
    """Start it, and ask it to stop afterwards."""
    stop = asyncio.Event()
    task = asyncio.create_task(component.run(stop), name=component.name)
    try:
        yield
    finally:
        stop.set()
        await task


async def seconds_until(done: Callable[[], bool], component: Component) -> float:
    """Run the component until that holds; gives the seconds, its connecting included."""
    started = time.perf_counter()
    async with running(component), asyncio.timeout(_PATIENCE_SECONDS):
        while not done():  # noqa: ASYNC110  # a counter announces nothing
            await asyncio.sleep(_LOOK_SECONDS)
        return time.perf_counter() - started
