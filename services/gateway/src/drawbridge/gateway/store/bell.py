"""Waiting for operations to end: one listening connection for a whole process, and a slow look besides."""

import asyncio
from collections import defaultdict
from uuid import UUID

from drawbridge.gateway.store.operations import CHANNEL, final_among
from drawbridge.persistence import Database, Listener

_LOOK_SECONDS = 0.5


class OperationBell:
    """The component that hears of ended operations and wakes the requests that wait for them.

    While its connection is lost, waiting requests look for themselves every half second.
    """

    name = "operations"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._listening = False

    def ready(self) -> bool:
        """True while the connection listens."""
        return self._listening

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop`` is set; a lost connection is raised, and the supervisor starts again."""
        try:
            async with Listener(self._database, CHANNEL) as listener:
                self._listening = True
                while not stop.is_set():
                    await listener.wait(stop)
                    await self._wake()
        finally:
            self._listening = False

    async def ended(self, operation_id: UUID, seconds: float) -> bool:
        """Wait for the operation's end, but no longer than so many seconds; whether it has ended."""
        woken = asyncio.Event()
        self._waiting[operation_id].add(woken)
        try:
            async with asyncio.timeout(seconds):
                while not woken.is_set() and not await self._final(operation_id):
                    await _first(woken, _LOOK_SECONDS)
        except TimeoutError:
            return await self._final(operation_id)
        else:
            return True
        finally:
            self._forget(operation_id, woken)

    async def _wake(self) -> None:
        """One look for all waiting requests."""
        if self._waiting:
            async with self._database.reading() as session:
                for operation_id in await final_among(session, list(self._waiting)):
                    for woken in self._waiting.get(operation_id, ()):
                        woken.set()

    async def _final(self, operation_id: UUID) -> bool:
        async with self._database.reading() as session:
            return bool(await final_among(session, [operation_id]))

    def _forget(self, operation_id: UUID, woken: asyncio.Event) -> None:
        self._waiting[operation_id].discard(woken)
        if not self._waiting[operation_id]:
            del self._waiting[operation_id]


async def _first(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
