"""``grid`` and ``grid_growth``: a page of 100 rows among a million, beside one among ten thousand.

``grid`` compares with a bare FastAPI handler on the same rows in the same process: asyncpg and orjson alone.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from random import Random
from statistics import median
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import orjson
from fastapi import FastAPI, Response
from pydantic import SecretStr

from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.tables import SCHEMA
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.persistence import Database
from drawbridge.testkit.servers import Servers
from tests.bench.cases.grid_rows import fill_grid, prefix
from tests.bench.figures import Figures, note, percentile
from tests.bench.place import Template
from tests.factories.gateway import KEY, VAULT, choices
from tests.factories.identity import bearer

SMALL, LARGE = 10_000, 1_000_000
PAGES = 60
UNCOUNTED, COUNTED = 10, 100
GOAL_GROWTH, GOAL_COMBINED, GOAL_BARE = 1.5, 5.0, 0.5
_PATH = f"/v1/vaults/{VAULT}/procore-invoices"
_CASES: dict[str, dict[str, Any]] = {
    **{f"sort={sort}": {"sort": sort} for sort in ("billing_date", "updated_at", "vendor", "net_due")},
    "project": {"project_id": 1},
    **{f"state={state}": {"state": state} for state in ("error", "not_imported")},
    **{f"payment_state={state}": {"payment_state": state} for state in ("paid", "unpaid")},
    "drift": {"drift": True},
    "no drift": {"drift": False},
    "past 30 days": {"range": None, "past_days": 30},
}
_COMBINED: dict[str, dict[str, Any]] = {
    "project and vendor": {"project_id": 1, "sort": "vendor"},
    "project, state and net_due": {"project_id": 1, "state": "held", "sort": "net_due"},
    "state and updated_at": {"state": "not_imported", "sort": "updated_at", "order": "asc"},
    "error and net_due": {"state": "error", "sort": "net_due"},
    "unpaid and vendor": {"payment_state": "unpaid", "sort": "vendor"},
    "imported, unpaid": {"state": "imported", "payment_state": "unpaid"},
    "drift and vendor": {"drift": True, "sort": "vendor"},
    "held, no drift, past 90 days": {"state": "held", "drift": False, "range": None, "past_days": 90},
}
"""Several at once; there is no index for each of them."""

type Page = Callable[[Mapping[str, Any]], Awaitable[Any]]


async def bench_grid_growth(servers: Servers, _rounds: int) -> list[Figures]:
    """p99 of a page in a million rows and in ten thousand, first and deep, vault-wide and in one project."""
    figures = []
    for projects, words in ((500, "vault-wide"), (1, "one project")):
        async with _grid(servers, SMALL, projects) as small, _grid(servers, LARGE, projects) as large:
            for goal, cases in ((GOAL_GROWTH, _CASES), (GOAL_COMBINED, _COMBINED)):
                for name, params in cases.items():
                    within = params if projects > 1 else {"project_id": 1, **params}
                    sides = _walk(large, within), _walk(small, within)
                    figures.append(await _growth(f"{words} {name}", *sides, goal))
            sides = _searches(large), _searches(small)
            figures.append(await _growth(f"{words} q", *sides, GOAL_GROWTH))
    return figures


async def bench_grid(servers: Servers, rounds: int) -> list[Figures]:
    """Pages a second of ours and of the bare handler, one after the other."""
    async with _grid(servers, LARGE, 500) as ours, _bare(ours.url) as bare:
        mine, bound = [], []
        for _ in range(rounds):
            mine.append(await _per_second(ours.page))
            bound.append(await _per_second(bare))
    return [Figures("grid", mine, bound, GOAL_BARE, unit="pages/s")]


class _Door:
    """The API on one database."""

    def __init__(self, url: SecretStr, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client

    async def page(self, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        """A page as JSON."""
        given = {"range": "all", "limit": 100, **params}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        answer = await self._client.get(f"{_PATH}?{query}")
        answer.raise_for_status()
        return orjson.loads(answer.content)


@asynccontextmanager
async def _grid(servers: Servers, rows: int, projects: int) -> AsyncIterator[_Door]:
    """The API with so many rows."""
    template = await Template.of(servers, "drawbridge.gateway", SCHEMA)
    database = Database(template.url, schema=SCHEMA, service="gateway")
    started = time.perf_counter()
    try:
        app = create_app(
            Tools(database, OperationBell(database)), key=SecretStr(KEY), requests_per_second=1e6
        )
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bench", headers=bearer(KEY), timeout=60
        ) as client:
            (await client.put(f"/v1/vaults/{VAULT}", json=choices())).raise_for_status()
            await fill_grid(database, rows, projects=projects)
            note("grid", f"{rows} rows in {projects} projects took {time.perf_counter() - started:.0f} s")
            yield _Door(template.url, client)
    finally:
        await database.dispose()


async def _growth(
    name: str, large: AsyncIterator[float], small: AsyncIterator[float], goal: float
) -> Figures:
    """p99 of each, their pages in turns, so that a busy machine spoils both alike."""
    times = [(await anext(large), await anext(small)) for _ in range(UNCOUNTED + COUNTED)]
    slow, fast = zip(*times[UNCOUNTED:], strict=True)
    note("grid_growth", f"{name}: medians {median(slow):.1f} and {median(fast):.1f} ms")
    pair = [percentile(slow, 99)], [percentile(fast, 99)]
    return Figures(f"grid_growth {name}", *pair, goal, unit="ms p99 (at most)")


async def _walk(door: _Door, params: Mapping[str, Any]) -> AsyncIterator[float]:
    """Milliseconds of first and deep pages: every second one follows the cursor of the one before."""
    cursor = None
    for number in count():
        given = {**params, "cursor": cursor if number % 2 else None}
        started = time.perf_counter()
        page = await door.page(given)
        yield (time.perf_counter() - started) * 1000
        cursor = page["next_cursor"] if number % 20 else await _deep(door, params)


async def _deep(door: _Door, params: Mapping[str, Any]) -> str | None:
    """The cursor behind some thousands of rows."""
    cursor = None
    for _ in range(8):
        cursor = (await door.page({**params, "limit": 500, "cursor": cursor}))["next_cursor"]
        if cursor is None:
            return None
    return cursor


async def _searches(door: _Door) -> AsyncIterator[float]:
    """Milliseconds of searches; the same ones whatever the door."""
    chance = Random(7)
    while True:
        started = time.perf_counter()
        await door.page({"q": prefix(chance)})
        yield (time.perf_counter() - started) * 1000


async def _per_second(page: Page) -> float:
    started = time.perf_counter()
    for _ in range(PAGES):
        await page({})
    return PAGES / (time.perf_counter() - started)


@asynccontextmanager
async def _bare(url: SecretStr) -> AsyncIterator[Page]:
    """A handler with nothing but a query and its rows as JSON."""
    pool = await asyncpg.create_pool(url.get_secret_value(), min_size=1, max_size=4)
    app = FastAPI()

    @app.get("/rows")
    async def rows() -> Response:
        found = await pool.fetch(
            "SELECT data, payment_state FROM gateway.procore_invoices WHERE vault_id = $1 "
            "ORDER BY day DESC, requisition_id DESC LIMIT 101",
            VAULT,
        )
        items = [{**orjson.loads(each["data"]), "payment_state": each["payment_state"]} for each in found]
        return Response(orjson.dumps({"items": items}), media_type="application/json")

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://bare", timeout=60
    ) as client:

        async def page(_params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
            return orjson.loads((await client.get("/rows")).content)

        yield page
    await pool.close()
