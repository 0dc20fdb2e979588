"""The components of a worker in this process, without its command line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from drawbridge.runtime import Component


@asynccontextmanager
async def at_work(
    parts: Sequence[Component], *closers: Callable[[], Awaitable[None]]
) -> AsyncIterator[asyncio.Event]:
    """Let them run; setting the event stops them. In the end all is closed, in this order."""
    stop = asyncio.Event()
    running = [asyncio.create_task(part.run(stop), name=part.name) for part in parts]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*running)
        for close in closers:
            await close()
