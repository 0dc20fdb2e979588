"""What an outsider sees in a queue."""

import asyncio

from pydantic import SecretStr

from drawbridge.messaging import OutsideMessage, consume


async def take_messages(
    url: SecretStr, queue: str, number: int, *, seconds: float = 10
) -> list[OutsideMessage]:
    """Take that many messages out of a queue, or as many as come within the time."""
    taken: list[OutsideMessage] = []
    stop = asyncio.Event()

    async def keep(message: OutsideMessage) -> None:
        taken.append(message)
        if len(taken) == number:
            stop.set()

    try:
        async with asyncio.timeout(seconds):
            await consume(url.get_secret_value(), queue, keep, stop)
    except TimeoutError:
        pass
    return taken
