"""Waiting for what other tasks and processes do: by looking again, and generously, as machines are busy."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE = 60.0
"""Seconds. Nobody waits so long but a test that fails."""


async def eventually(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # lists have no events
            await asyncio.sleep(0.02)


async def becomes(value: Callable[[], Awaitable[object]], expected: object) -> None:
    """Wait until what is read equals the expected value."""
    await looked(value, lambda seen: seen == expected)


async def looked[T](look: Callable[[], Awaitable[T]], holds: Callable[[T], bool] = bool) -> None:
    """Look again and again until what is seen holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds(await look()):  # noqa: ASYNC110  # what other processes commit has no event here
            await asyncio.sleep(0.05)
