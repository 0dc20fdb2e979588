"""Keys are shared out: each has one holder at a time, and the next as soon as that one is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.errors import Refused
from drawbridge.persistence import Database, KeyShares, VaultShares
from tests.factories.core import sample_database
from tests.factories.waiting import eventually

KEYS = ["a", "b", "c"]
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'sample-service sample_calls' AND datname = current_database()
"""


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database, pool_size=5) as made:
        yield made


@dataclass
class Worker:
    """One member that shares the keys."""

    shares: KeyShares

    def held(self) -> list[str]:
        return [key for key in KEYS if self.shares.holds(key)]


@asynccontextmanager
async def member(database: Database) -> AsyncIterator[Worker]:
    async def keys() -> list[str]:
        return KEYS

    shares, stop = KeyShares(database, "calls", keys), asyncio.Event()
    task = asyncio.create_task(shares.run(stop))
    try:
        yield Worker(shares)
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def test_keys_are_shared_out_evenly_and_go_to_who_is_left(database: Database) -> None:
    async with member(database) as first:
        await eventually(lambda: first.held() == KEYS)
        async with member(database) as second:
            await eventually(lambda: len(first.held()) == 2 and len(second.held()) == 1)
            assert sorted(first.held() + second.held()) == KEYS
        await eventually(lambda: first.held() == KEYS)


async def test_keys_of_a_worker_that_is_cut_off_go_to_the_next(database: Database) -> None:
    async with member(database) as first:
        await eventually(lambda: first.held() == KEYS)
        async with database.transaction() as tx:
            await tx.session.execute(text(_CUT))
        await eventually(lambda: not first.held())
        async with member(database) as other:
            await eventually(lambda: other.held() == KEYS)


@dataclass
class Vault:
    """A vault, and what it uses."""

    id: str
    uses: str | None


@asynccontextmanager
async def vault_member(database: Database) -> AsyncIterator[VaultShares[Vault]]:
    async def vaults(_session: AsyncSession) -> list[Vault]:
        return [Vault("north", "one"), Vault("south", "one"), Vault("west", None)]

    def key_of(vault: Vault) -> str:
        if vault.uses is None:
            raise Refused("secret_reference", "There is no such secret.", "Name another.")
        return vault.uses

    shares, stop = VaultShares(database, "calls", vaults, key_of), asyncio.Event()
    task = asyncio.create_task(shares.component.run(stop))
    try:
        yield shares
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def test_vaults_that_use_one_thing_go_to_one_worker_and_those_without_to_any(
    database: Database,
) -> None:
    async with vault_member(database) as first:
        await eventually(lambda: first.component.holds("one"))
        async with vault_member(database) as second:
            await eventually(lambda: list(second.left()) == ["north", "south"])
            assert list(first.left()) == []
        await eventually(lambda: list(first.left()) == [])


async def test_who_sees_to_a_vault_is_known_before_its_first_item_is_done(database: Database) -> None:
    async with vault_member(database) as first, vault_member(database) as second:
        for each in (first, second):
            await each.meet(["north", "west", "unknown"])
        assert sorted([list(first.left()), list(second.left())]) == [[], ["north", "south"]]
