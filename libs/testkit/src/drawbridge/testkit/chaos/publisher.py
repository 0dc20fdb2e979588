"""An outside publisher that does its part: it sends a message again, under its id, until it is confirmed."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Self

from drawbridge.contracts.message import PUBLIC
from drawbridge.messaging.outside import OutsideMessage, OutsidePublisher, publishing
from drawbridge.runtime import is_transient

CONFIRM_SECONDS = 5.0
PATIENCE = 90.0
"""Seconds after which a publisher gives up a message."""


class Publisher:
    """One connection to the broker; messages go one after the other, so that one id is in flight once."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._opened = AsyncExitStack()
        self._publisher: OutsidePublisher | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect with the first message."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self._disconnect()

    async def send(self, message: OutsideMessage) -> bool:
        """Publish through the public door until the broker confirms; False when it did not in all the time.

        The message must have an id, so that a repeat is known as one.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            async with self._turn:
                if await self._try(message):
                    return True
            await asyncio.sleep(0.3)
        return False

    async def _try(self, message: OutsideMessage) -> bool:
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                if self._publisher is None:
                    self._publisher = await self._opened.enter_async_context(publishing(self._url))
                await self._publisher.publish(PUBLIC, "reprocess", message)
        except Exception as error:
            if not is_lost(error):
                raise
            await self._disconnect()
            return False
        return True

    async def _disconnect(self) -> None:
        """Forget the connection, however dead it is."""
        self._publisher = None
        opened, self._opened = self._opened, AsyncExitStack()
        await opened.aclose()


def is_lost(error: Exception) -> bool:
    """Whether the error is a lost connection; aio-pika reports a closed channel as a bare RuntimeError."""
    return is_transient(error) or isinstance(error, RuntimeError)
