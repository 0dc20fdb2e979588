"""Which items a worker starts: some places are kept for clicks, and some vaults are left to others."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest_asyncio

from drawbridge.contracts.errors import Problem
from drawbridge.persistence import CLICK, Database, Transaction, WorkItem, WorkLoop, WorkStore
from tests.factories.core import sample_database, work
from tests.factories.waiting import eventually


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database, pool_size=10) as made:
        yield made


@dataclass
class Slow:
    """A handler whose long work lasts until it is let go."""

    kind: str = "fetch"
    ran: list[str] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, item: WorkItem) -> None:
        self.ran.append(item.subject)
        if item.priority > CLICK:
            await self.let_go.wait()

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Nothing fails here."""

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Nothing fails here."""


@dataclass
class Shares:
    """Vaults that are for other workers: ``known`` ones, and ``new`` ones that are found out when met."""

    known: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    def left(self) -> Collection[str]:
        return self.known

    async def meet(self, vault_ids: Collection[str]) -> None:
        self.known += [each for each in self.new if each in vault_ids]


@asynccontextmanager
async def _working(
    database: Database, handler: Slow, *, sharing: Shares | None = None
) -> AsyncIterator[None]:
    loop, stop = (
        WorkLoop(database, [handler], concurrency=3, for_clicks=1, sharing=sharing),
        asyncio.Event(),
    )
    task = asyncio.create_task(loop.run(stop))
    try:
        yield
    finally:
        handler.let_go.set()
        stop.set()
        await task


async def test_long_work_leaves_places_to_what_a_person_waits_for(database: Database) -> None:
    handler = Slow()
    async with database.transaction() as tx:
        await tx.add_work(*(work(f"long {number}") for number in range(10)))
    async with _working(database, handler):
        await eventually(lambda: len(handler.ran) == 2)
        async with database.transaction() as tx:
            await tx.add_work(replace(work("click"), priority=CLICK))
        await eventually(lambda: "click" in handler.ran)
        assert len(handler.ran) == 3


async def test_items_of_a_vault_that_is_left_to_others_stay(database: Database) -> None:
    handler, shares = Slow(), Shares(["theirs"])
    handler.let_go.set()
    async with database.transaction() as tx:
        await tx.add_work(replace(work("a"), vault_id="theirs"), replace(work("b"), vault_id="ours"))
    async with _working(database, handler, sharing=shares):
        await eventually(lambda: handler.ran == ["b"])
        shares.known.clear()
        await eventually(lambda: handler.ran == ["b", "a"])


async def test_a_vault_that_is_found_to_be_for_another_worker_costs_its_items_no_attempt(
    database: Database,
) -> None:
    handler, shares = Slow(), Shares(new=["theirs"])
    handler.let_go.set()
    async with database.transaction() as tx:
        await tx.add_work(replace(work("a"), vault_id="theirs"), replace(work("b"), vault_id="ours"))
    async with _working(database, handler, sharing=shares):
        await eventually(lambda: handler.ran == ["b"] and shares.known == ["theirs"])
    [item] = await WorkStore(database).lease(["fetch"], 2, timedelta(minutes=1))
    assert (item.subject, item.attempts) == ("a", 1)
