"""Shares keys out between the workers of one service: each key is held by one worker at a time.

A key stands for something that only one process may use at once, such as an app's budget of calls. It is held
by an advisory lock on a connection of its own: the server gives it to the next worker as soon as the holder
dies, stops or falls silent. All workers are members of a shared lock, so that each knows how many there are
and takes no more than its part.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from math import ceil

from drawbridge.persistence.connecting import OwnConnection, own_connection
from drawbridge.persistence.database import Database
from drawbridge.runtime import get_logger

_BEAT_SECONDS = 0.5
_SILENCE_SECONDS = 10.0
"""Without a sign of the server for so long we count no key as ours; the server needs twice that."""

_IDLE_SECONDS = 20
_MEMBERS = """
SELECT count(DISTINCT pid) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)
"""
_log = get_logger(__name__)


class KeyShares:
    """The component that takes, keeps and gives back keys; ``keys`` tells which there are."""

    def __init__(
        self, database: Database, topic: str, keys: Callable[[], Awaitable[Collection[str]]]
    ) -> None:
        self.name = f"{topic} shares"
        self._database = database
        self._topic = f"{database.schema}_{topic}"
        self._keys = keys
        self._held: set[str] = set()
        self._heard = float("-inf")
        self._hurry = asyncio.Event()
        self._begun = self._ended = 0
        self._stopped = False
        self._news = asyncio.Event()

    def ready(self) -> bool:
        """True while the server answers."""
        return self._is_sure()

    def holds(self, key: str) -> bool:
        """Whether this worker alone may use the key now."""
        return key in self._held and self._is_sure()

    async def look_now(self) -> None:
        """Wait for a look at keys and members that begins after this call.

        Raises:
            TimeoutError: the server is silent, or this component stopped, so no key is ours.
        """
        begun = self._begun
        self._hurry.set()
        async with asyncio.timeout(_SILENCE_SECONDS):
            while self._ended <= begun:
                if self._stopped:
                    raise TimeoutError
                await self._news.wait()

    async def run(self, stop: asyncio.Event) -> None:
        """Hold a fair part of the keys until ``stop`` is set or the connection is lost."""
        connection = await own_connection(
            self._database.url,
            application=f"{self._database.service} {self._topic}",
            idle_seconds=_IDLE_SECONDS,
        )
        self._stopped = False
        try:
            await connection.execute("SELECT pg_advisory_lock_shared(hashtextextended($1, 0))", self._topic)
            while not stop.is_set():
                self._hurry.clear()
                self._begun += 1
                await self._beat(connection)
                self._ended = self._begun
                self._tell()
                await self._pause(stop)
        finally:
            self._held.clear()
            self._stopped = True
            self._tell()
            connection.terminate()

    def _tell(self) -> None:
        """Wake all who wait for a look."""
        self._news.set()
        self._news = asyncio.Event()

    async def _pause(self, stop: asyncio.Event) -> None:
        """Until the next beat is due, or somebody is in a hurry."""
        hurried = asyncio.create_task(self._hurry.wait())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([hurried, stopped], timeout=_BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
            stopped.cancel()

    async def _beat(self, connection: OwnConnection) -> None:
        """Give back what is too much or no longer there; take what is free up to our part."""
        keys = sorted(await self._keys())
        members = await connection.fetchval(_MEMBERS, self._topic)
        self._heard = asyncio.get_running_loop().time()
        part = ceil(len(keys) / max(1, members))
        for key in [*(self._held - set(keys)), *sorted(self._held & set(keys))[part:]]:
            self._held.discard(key)
            await connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", self._name_of(key))
        for key in keys:
            if len(self._held) >= part:
                break
            if key not in self._held and await self._taken(connection, key):
                self._held.add(key)
                _log.info("shares.taken", topic=self._topic, key=key)

    async def _taken(self, connection: OwnConnection, key: str) -> bool:
        taken: bool = await connection.fetchval(
            "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self._name_of(key)
        )
        return taken

    def _name_of(self, key: str) -> str:
        return f"{self._topic}/{key}"

    def _is_sure(self) -> bool:
        return asyncio.get_running_loop().time() - self._heard < _SILENCE_SECONDS
