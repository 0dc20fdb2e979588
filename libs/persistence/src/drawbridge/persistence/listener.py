"""A connection of its own that hears notifications, holds an advisory lock, and checks itself."""

import asyncio
from typing import Self

from drawbridge.persistence.connecting import OwnConnection, own_connection
from drawbridge.persistence.database import Database

_PING_SECONDS = 5.0
_IDLE_SECONDS = 20
"""The server ends a listener that has not even pinged for so long, and frees its lock."""


class Listener:
    """Hears ``NOTIFY <schema>_<topic>``. Use it as a context; a lost connection shows in `wait` or `lock`.

    Raises:
        OSError | asyncpg.PostgresError: when the connection is lost, or does not answer the ping.
    """

    def __init__(self, database: Database, topic: str) -> None:
        self._database = database
        self._channel = f"{database.schema}_{topic}"
        self._woken = asyncio.Event()
        self._connection: OwnConnection | None = None
        self._pinged = 0.0

    async def __aenter__(self) -> Self:
        name = f"{self._database.service} {self._channel}"
        self._connection = await own_connection(
            self._database.url, application=name, idle_seconds=_IDLE_SECONDS
        )
        self._connection.add_termination_listener(self._on_lost)
        await self._connection.add_listener(self._channel, self._on_notify)
        self._pinged = asyncio.get_running_loop().time()
        return self

    async def __aexit__(self, *_: object) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.remove_termination_listener(self._on_lost)
            connection.terminate()

    async def lock(self) -> bool:
        """Try to become the one holder of this channel's advisory lock, without waiting."""
        held: bool = await self._live().fetchval(
            "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self._channel
        )
        return held

    async def wait(self, stop: asyncio.Event, seconds: float = 1.0) -> None:
        """Wait for a notification, ``stop``, or so many seconds, and make sure that the server is there."""
        waits = [asyncio.create_task(self._woken.wait()), asyncio.create_task(stop.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        self._woken.clear()
        await self._ping()

    def wake(self) -> None:
        """Let `wait` return now."""
        self._woken.set()

    async def _ping(self) -> None:
        loop = asyncio.get_running_loop()
        connection = self._live()
        if loop.time() - self._pinged > _PING_SECONDS:
            await connection.execute("SELECT 1", timeout=_PING_SECONDS)
            self._pinged = loop.time()

    def _live(self) -> OwnConnection:
        if self._connection is None or self._connection.is_closed():
            raise ConnectionError(f"The connection that listens to {self._channel} is lost.")
        return self._connection

    def _on_notify(self, *_: object) -> None:
        self._woken.set()

    def _on_lost(self, _connection: object) -> None:
        self._woken.set()
