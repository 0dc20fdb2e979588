"""A process's two connections to RabbitMQ: one to publish, one to consume."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Literal

from aio_pika.abc import AbstractChannel, AbstractConnection
from pydantic import SecretStr

from drawbridge.messaging.connecting import CONNECT_SECONDS, connect

type Purpose = Literal["publishing", "consuming"]

_CLOSE_SECONDS = 3.0


class Broker:
    """Opens connections when they are first needed, and again after they were lost."""

    def __init__(self, url: SecretStr, *, name: str) -> None:
        self._url = url
        self._name = name
        self._connections: dict[Purpose, AbstractConnection] = {}
        self._locks: dict[Purpose, asyncio.Lock] = {"publishing": asyncio.Lock(), "consuming": asyncio.Lock()}

    async def connect(self) -> None:
        """Open both connections now, to fail early.

        Raises:
            OSError | aio_pika.exceptions.AMQPError: when the broker is away or refuses us.
        """
        await self._connection("publishing")
        await self._connection("consuming")

    def publishing(self) -> AbstractAsyncContextManager[AbstractChannel]:
        """A new channel with confirms, on which an unroutable publish raises."""
        return self._channel("publishing", on_return_raises=True)

    def consuming(self) -> AbstractAsyncContextManager[AbstractChannel]:
        """A new channel for one consumer."""
        return self._channel("consuming", on_return_raises=False)

    async def close(self) -> None:
        """Close both; stop consumers first."""
        for connection in self._connections.values():
            await quietly_close(connection)
        self._connections.clear()

    @asynccontextmanager
    async def _channel(self, purpose: Purpose, *, on_return_raises: bool) -> AsyncIterator[AbstractChannel]:
        """A channel that is closed afterwards.

        Raises:
            ConnectionError: for the bare RuntimeError with which aio-pika reports a closed channel, too.
        """
        channel = await self._open(purpose, on_return_raises=on_return_raises)
        try:
            yield channel
        except RuntimeError as error:
            if channel.is_closed:
                raise ConnectionError(f"The channel for {purpose} is lost.") from error
            raise
        finally:
            await quietly_close(channel)

    async def _open(self, purpose: Purpose, *, on_return_raises: bool) -> AbstractChannel:
        """A channel on the connection that we have; on a fresh one where that turns out to be dead."""
        known = self._connections.get(purpose)
        connection = await self._connection(purpose)
        try:
            return await self._open_on(connection, purpose, on_return_raises=on_return_raises)
        except ConnectionError:
            if connection is not known:
                raise
        fresh = await self._connection(purpose)
        return await self._open_on(fresh, purpose, on_return_raises=on_return_raises)

    async def _open_on(
        self, connection: AbstractConnection, purpose: Purpose, *, on_return_raises: bool
    ) -> AbstractChannel:
        try:
            channel = connection.channel(publisher_confirms=True, on_return_raises=on_return_raises)
            async with asyncio.timeout(CONNECT_SECONDS):
                await channel.initialize()
        except Exception as error:
            # The connection is dead but does not know yet: the next try must not get it again.
            if self._connections.get(purpose) is connection:
                del self._connections[purpose]
            await quietly_close(connection)
            raise ConnectionError(
                f"No channel for {purpose} could be opened: {type(error).__name__}."
            ) from error
        return channel

    async def _connection(self, purpose: Purpose) -> AbstractConnection:
        async with self._locks[purpose]:
            known = self._connections.get(purpose)
            if known is None or known.is_closed:
                self._connections[purpose] = await connect(self._url, f"{self._name} {purpose}")
            return self._connections[purpose]


async def quietly_close(closing: AbstractConnection | AbstractChannel) -> None:
    """Close what may be dead already, without waiting long for an answer."""
    with suppress(Exception):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await closing.close()
