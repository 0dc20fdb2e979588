"""What an outsider sees in a queue."""

import asyncio

from pydantic import SecretStr

from drawbridge.messaging import OutsideMessage, consume, publish


async def take_messages(
    url: SecretStr, queue: str, number: int, *, seconds: float = 30
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


async def take_the_rest(url: SecretStr, queue: str) -> list[OutsideMessage]:
    """Take all that is in a queue now: what comes before a last message that we put there ourselves."""
    last = await publish(url.get_secret_value(), "", queue, b"the last one")
    taken: list[OutsideMessage] = []
    stop = asyncio.Event()

    async def keep(message: OutsideMessage) -> None:
        if message.id == last:
            stop.set()
        else:
            taken.append(message)

    async with asyncio.timeout(60):
        await consume(url.get_secret_value(), queue, keep, stop)
    return taken
