"""Read on while what was read before is stored: the ledger and the database need not wait for each other."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator


async def one_ahead[T](items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """Yield the items; meanwhile the next one is being made, and never more than that one.

    What fails in the making is raised where its item would have come, after all before it.
    """
    coming = asyncio.create_task(_next(items))
    try:
        while (item := await coming) is not None:
            coming = asyncio.create_task(_next(items))
            yield item
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _next[T](items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)
