"""An HTTP server that leaves signals to the supervisor."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


class _QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: one place decides when a process stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT alone."""
        yield


class PortTaken(RuntimeError):  # it says what happened
    """The port cannot be listened on; starting again would not help."""


class HttpServer:
    """Serves an ASGI application until asked to stop, then lets open requests finish.

    Raises:
        PortTaken: from `run`, when it cannot listen.
    """

    def __init__(
        self, app: ASGIApp, *, host: str, port: int, name: str = "http", drain_seconds: int = 20
    ) -> None:
        self.name = name
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=drain_seconds,
        )
        self._server = _QuietServer(config)

    def ready(self) -> bool:
        """True while the port is open."""
        return self._server.started and not self._server.should_exit

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set and open requests are answered (at most the drain time)."""
        serving = asyncio.create_task(self._serve(), name=f"{self.name} serving")
        stopping = asyncio.create_task(stop.wait(), name=f"{self.name} stop")
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self._server.should_exit = True
            await serving
        finally:
            stopping.cancel()
            serving.cancel()

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:  # uvicorn's answer to a port that is taken
            raise PortTaken(
                f"{self.name} cannot listen on {self._server.config.port}: is it in use?"
            ) from error
