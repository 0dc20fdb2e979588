"""Front ends that listen to a vault's events, on an API with a port: streams need a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import SecretStr

from drawbridge.gateway.domain.guessing import Guessing
from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.persistence import Database
from drawbridge.runtime import HttpServer
from drawbridge.testkit.ports import free_port
from tests.factories.gateway import KEY, VAULT
from tests.factories.identity import bearer

_PATIENCE = 30.0


@dataclass
class StreamingApi:
    """The API on a port, with its streams. ``stop`` ends it as a signal does."""

    url: str
    streams: VaultStreams
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def client(self) -> httpx.AsyncClient:
        """A client without a key."""
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=_PATIENCE)


@asynccontextmanager
async def streaming_api(database: Database, **options: int) -> AsyncIterator[StreamingApi]:
    """Serve the API until asked to stop."""
    streams = VaultStreams(database, **options)
    app = create_app(
        Tools(database, OperationBell(database)),
        key=SecretStr(KEY),
        streams=streams,
        guessing=Guessing(per_second=1e6),
        requests_per_second=1e6,
    )
    port = free_port()
    server = HttpServer(app, host="127.0.0.1", port=port)
    api = StreamingApi(f"http://127.0.0.1:{port}", streams)
    running = asyncio.gather(server.run(api.stop), streams.run(api.stop))
    try:
        async with asyncio.timeout(_PATIENCE):
            while not (server.ready() and streams.ready()):  # noqa: ASYNC110  # neither tells
                await asyncio.sleep(0.02)
        yield api
    finally:
        api.stop.set()
        await running


@dataclass(frozen=True)
class Frame:
    """One event as it came over the wire."""

    number: int
    event: str
    data: dict[str, Any]


class Ear:
    """One open stream, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Frame | None:
        """The next event, or None when the stream has ended."""
        members: dict[str, str] = {}
        async with asyncio.timeout(_PATIENCE):
            async for line in self._lines:
                if not line and members:
                    return Frame(int(members["id"]), members["event"], json.loads(members["data"]))
                name, colon, value = line.partition(": ")
                if name and colon:
                    members[name] = value
        return None

    async def until(self, number: int) -> list[Frame]:
        """All events up to that number."""
        heard: list[Frame] = []
        while not heard or heard[-1].number < number:
            frame = await self.next()
            assert frame is not None, f"the stream ended after {heard}"
            heard.append(frame)
        return heard


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, *, headers: Mapping[str, str] | None = None, **params: str | int
) -> AsyncIterator[Ear]:
    """Open a stream of the vault, as the operator if nothing else is said."""
    path = f"/v1/vaults/{VAULT}/events"
    given = bearer(KEY) if headers is None else headers
    async with client.stream("GET", path, headers=given, params=params) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Ear(response)
