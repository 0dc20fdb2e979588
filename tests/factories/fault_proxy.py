"""A TCP proxy that makes the faults of a network: cut, refuse, and silence in both directions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class FaultProxy:
    """Forwards to one server. After `silence`, connections made before stay dead for ever (half open)."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._generation = 0
        self._silent = False
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, url: str) -> AsyncIterator[tuple[Self, str]]:
        """A proxy before the server of a URL, and the URL that leads through it."""
        parts = urlsplit(url)
        proxy = cls(parts.hostname or "127.0.0.1", parts.port or 0)
        await proxy.accept()
        secret = "" if parts.password is None else f":{parts.password}"
        try:
            yield proxy, urlunsplit(parts._replace(netloc=f"{parts.username}{secret}@127.0.0.1:{proxy.port}"))
        finally:
            await proxy.refuse()

    async def accept(self) -> None:
        """Forward new connections (again)."""
        self._silent = False
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break all connections; new ones are forwarded."""
        for writer in self._writers:
            writer.transport.abort()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def refuse(self) -> None:
        """Break all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    def silence(self) -> None:
        """Swallow everything: present connections for ever, new ones until `accept`."""
        self._silent = True
        self._generation += 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self._silent:
            return
        with suppress(OSError):
            back, forth = await asyncio.open_connection(*self._target)
            self._writers.add(forth)
            for source, sink in ((reader, forth), (back, writer)):
                pump = asyncio.create_task(self._pump(source, sink, self._generation))
                self._pumps.add(pump)
                pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, born: int) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if born == self._generation:
                    sink.write(data)
                    await sink.drain()
        if born == self._generation:
            sink.close()
