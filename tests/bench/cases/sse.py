"""``sse``: five hundred listeners on one API process: how late they hear, what they cost, how it ends."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from drawbridge.gateway.domain.live_event import LiveEvent
from drawbridge.gateway.store.events import add_events
from drawbridge.gateway.store.tables import SCHEMA
from drawbridge.persistence import Database
from drawbridge.testkit.servers import Servers
from tests.bench.figures import AtMost
from tests.bench.place import Place, Template
from tests.bench.worker import peak_mib, service
from tests.factories.gateway import KEY, VAULT, choices
from tests.factories.identity import bearer

LISTENERS = 500
EVENTS = 20
GOAL_MS, GOAL_MIB, GOAL_SECONDS = 500, 250, 10
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class _Ear:
    """An open stream: bare, so that what is measured is the server and not its listeners."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def heard(self, mark: bytes) -> float:
        """The moment at which a line begins so."""
        while line := await self.reader.readline():
            if line.startswith(mark):
                return time.perf_counter()
        raise EOFError("the stream ended")


async def _listen(url: str) -> _Ear:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    request = f"GET /v1/vaults/{VAULT}/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    writer.write(request.encode())
    ear = _Ear(reader, writer)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await ear.heard(b"event: ready")
    return ear


async def bench_sse(servers: Servers, _rounds: int) -> list[AtMost]:
    """From the commit of an event to the last of the listeners; then the signal, with all of them open."""
    template = await Template.of(servers, "drawbridge.gateway", SCHEMA)
    settings = {
        "DRAWBRIDGE_SECRET_BOOTSTRAP_KEY": KEY,
        "DRAWBRIDGE_STREAMS_PER_CALLER": str(LISTENERS),
        "DRAWBRIDGE_REQUESTS_PER_SECOND": str(LISTENERS),
    }
    async with template.place() as place, service(place, "gateway", "api", settings) as api:
        async with httpx.AsyncClient(base_url=api.url, headers=bearer(KEY), trust_env=False) as door:
            (await door.put(f"/v1/vaults/{VAULT}", json=choices())).raise_for_status()
        ears = [await _listen(api.url) for _ in range(LISTENERS)]
        latest = await _latest(place, ears)
        peak = peak_mib(api)
        started = time.perf_counter()
        code = await api.terminate()
        ended = time.perf_counter() - started
    if code != 0:
        raise RuntimeError(f"The API ended with exit code {code}.")
    words = f"{LISTENERS} listeners"
    return [
        AtMost("sse", latest, GOAL_MS, "ms", f"the last of {words}, the latest of {EVENTS} events"),
        AtMost("sse_rss", peak, GOAL_MIB, "MiB", f"peak of one process with {words}"),
        AtMost("sse_stop", ended, GOAL_SECONDS, "s", f"from SIGTERM to the end, with {words} open"),
    ]


async def _latest(place: Place, ears: Sequence[_Ear]) -> float:
    """Milliseconds until the last of them heard the latest of the events."""
    database = Database(place.database_url, schema=SCHEMA, service="gateway")
    late = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.dispose)
        for number in range(EVENTS):
            event = LiveEvent(kind="requisition", id=str(number), what="imported", version=1)
            async with database.transaction() as tx:
                await add_events(tx.session, [(VAULT, event)], tx.now)
            committed = time.perf_counter()
            async with asyncio.timeout(_PATIENCE_SECONDS):
                heard = await asyncio.gather(*(ear.heard(b"event: change") for ear in ears))
            late.append((max(heard) - committed) * 1000)
            await asyncio.sleep(_PAUSE_SECONDS)
    return max(late)
