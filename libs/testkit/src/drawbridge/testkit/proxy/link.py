"""One connection through the proxy: a client's socket, a server's socket, and two pumps between them."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from drawbridge.testkit.proxy.conditions import Conditions, Mode

NOTICED_AFTER = 15.0
"""Seconds after which a server's keepalive gives up a client behind a half-open network.

The proxy's own kernel answers keepalives, so the link must give up in the server's place.
"""

_WHOLE, _SMALL = 65_536, 1_024
_RESET = struct.pack("ii", 1, 0)


class Link:
    """Carries bytes both ways, as the conditions allow. A ``dead`` link never carries any again."""

    def __init__(self, conditions: Conditions, client: tuple[StreamReader, StreamWriter], port: int) -> None:
        self.dead = conditions.mode is Mode.HALF_OPEN
        self._conditions = conditions
        self._client_reader, self._client = client
        self._server: StreamWriter | None = None
        self._port = port

    async def run(self) -> None:
        """Carry until one side ends; a dead link until the client ends and the server would have noticed."""
        try:
            await self._conditions.flowing.wait()
            if self.dead:
                await _drain(self._client_reader)
                return
            reader, self._server = await asyncio.open_connection("127.0.0.1", self._port)
            back = asyncio.create_task(self._pump(reader, self._client))
            try:
                await self._pump(self._client_reader, self._server)
                if self.dead:
                    self._client.close()
                await back
            finally:
                back.cancel()
                await asyncio.gather(back, return_exceptions=True)
        except OSError:
            return
        finally:
            self.reset()

    def die(self) -> None:
        """Lose all bytes from now on, and after a while the server's side too."""
        self.dead = True
        if self._server is not None:
            asyncio.get_running_loop().call_later(NOTICED_AFTER, _reset, self._server)

    def reset(self) -> None:
        """End both sides at once, as a network that says so does."""
        _reset(self._client)
        if self._server is not None:
            _reset(self._server)

    async def _pump(self, source: StreamReader, sink: StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(self._piece()):
                await self._conditions.flowing.wait()
                if self._conditions.mode is Mode.SLOW:
                    await asyncio.sleep(self._conditions.delay)
                if not self.dead:
                    sink.write(data)
                    await sink.drain()
        if not self.dead:
            await self._conditions.flowing.wait()
            sink.close()  # after what was written; the other pump then ends too
            with suppress(OSError):
                await sink.wait_closed()

    def _piece(self) -> int:
        return _SMALL if self._conditions.mode is Mode.SLOW else _WHOLE


async def _drain(reader: StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(_WHOLE):
            pass


def _reset(writer: StreamWriter) -> None:
    """Close without a goodbye: the other side sees a reset."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
