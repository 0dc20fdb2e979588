"""A Procore double on a port of its own, and what was asked of it."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.sandbox.procore import Procore, create_app
from drawbridge.testkit.ports import free_port

_ID = re.compile(r"/\d{6,}")


@dataclass
class Asked:
    """Calls by path without ids, those refused for the limit, and those served in each hourly window."""

    url: str
    calls: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    by_hour: Counter[float] = field(default_factory=Counter)
    """By the unix second at which the window opened."""

    @property
    def total(self) -> int:
        return self.calls.total()

    def words(self) -> str:
        """The paths, the most asked first."""
        return ", ".join(f"{path} {count}" for path, count in self.calls.most_common())


class _Counting:
    def __init__(self, app: ASGIApp, procore: Procore, asked: Asked) -> None:
        self._app = app
        self._procore = procore
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(message["status"])
            await send(message)

        if scope["type"] != "http" or not scope["path"].startswith("/rest/"):
            await self._app(scope, receive, send)
            return
        self._asked.calls[_ID.sub("/{id}", scope["path"].removeprefix("/rest/"))] += 1
        await self._app(scope, receive, watch)

    def _count(self, status: int) -> None:
        if status == httpx.codes.TOO_MANY_REQUESTS:
            self._asked.refused += 1
            return
        for meter in self._procore.meters.values():
            self._asked.by_hour[meter.windows[1].opened_at] += 1


@asynccontextmanager
async def serving(procore: Procore) -> AsyncIterator[Asked]:
    """Serve it until the end of the context."""
    port = free_port()
    asked = Asked(f"http://127.0.0.1:{port}")
    app = _Counting(create_app(procore), procore, asked)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    task = asyncio.create_task(server._serve())  # noqa: SLF001  # serve() would take the signals
    try:
        async with asyncio.timeout(30):
            while not server.started:  # noqa: ASYNC110  # uvicorn announces it to nobody
                await asyncio.sleep(0.01)
        yield asked
    finally:
        server.should_exit = True
        await task
