"""A TCP proxy with a fixed port in front of one server on loopback."""

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Self

from drawbridge.testkit.ports import free_port
from drawbridge.testkit.proxy.conditions import Conditions, Mode
from drawbridge.testkit.proxy.link import Link


class FaultProxy:
    """Stands before the server at ``target`` (a loopback port); clients connect to ``port``."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._conditions = Conditions()
        self._server: asyncio.Server | None = None
        self._links: dict[Link, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        """Start to listen."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop and end all connections."""
        await self.close()

    @property
    def mode(self) -> Mode:
        """What the network does now."""
        return self._conditions.mode

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._links)

    async def start(self) -> None:
        """Start to listen. Raises OSError where the port was taken meanwhile."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def switch(self, mode: Mode, *, delay: float = 0.1) -> None:
        """Change the network. Links that lost bytes in a half-open time stay dead; see `Mode`."""
        self._conditions.delay = delay
        if mode is Mode.HALF_OPEN:
            for link in self._links:
                link.die()
        if mode is Mode.REFUSE:
            self._stop_listening()
            self.cut()
        self._conditions.change(mode)
        if mode is not Mode.REFUSE and self._server is None:
            await self.start()

    def cut(self) -> None:
        """Reset all open connections; new ones are taken as the mode says."""
        for link in self._links:
            link.reset()

    async def close(self) -> None:
        """Stop and end all connections. Safe to call twice."""
        self._stop_listening()
        self.cut()
        tasks = list(self._links.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _take(self, reader: StreamReader, writer: StreamWriter) -> None:
        link = Link(self._conditions, (reader, writer), self._target)
        task = asyncio.get_running_loop().create_task(link.run())
        self._links[link] = task
        task.add_done_callback(lambda _: self._links.pop(link, None))
