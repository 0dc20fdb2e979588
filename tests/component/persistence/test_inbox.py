"""A message's id is claimed once, whatever is repeated or runs at the same time."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drawbridge.persistence import Claim, Database, claim
from tests.factories.core import sample_database


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        yield made


async def test_second_claim_is_a_repeat(database: Database) -> None:
    async with database.transaction() as tx:
        assert (await claim(database, tx, [Claim("b"), Claim("a"), Claim("a")])).new == {"a", "b"}
    async with database.transaction() as tx:
        assert (await claim(database, tx, [Claim("a"), Claim("c")])).new == {"c"}


async def test_claim_of_nothing_claims_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        assert not (await claim(database, tx, [])).new


async def test_same_key_with_another_meaning_is_a_reused_id(database: Database) -> None:
    async with database.transaction() as tx:
        await claim(database, tx, [Claim("a", "one"), Claim("b", "one")])
    async with database.transaction() as tx:
        claimed = await claim(database, tx, [Claim("a", "one"), Claim("b", "two")])
    assert not claimed.new
    assert claimed.reused(Claim("b", "two"))
    assert not claimed.reused(Claim("a", "one"))
    assert not claimed.reused(Claim("a"))


async def test_first_of_two_claims_in_one_call_counts(database: Database) -> None:
    async with database.transaction() as tx:
        claimed = await claim(database, tx, [Claim("a", "one"), Claim("a", "two")])
    assert claimed.new == {"a"}
    assert claimed.reused(Claim("a", "two"))


async def test_forgotten_key_is_new_again(database: Database) -> None:
    async with database.transaction() as tx:
        await claim(database, tx, [Claim("a")])
    async with database.transaction() as tx:
        await tx.forget("a")
    async with database.transaction() as tx:
        assert (await claim(database, tx, [Claim("a")])).new == {"a"}


async def test_rolled_back_claim_lets_the_waiting_one_take_over(database: Database) -> None:
    started = asyncio.Event()

    async def claims_and_fails() -> None:
        async with database.transaction() as tx:
            await claim(database, tx, [Claim("a")])
            started.set()
            await asyncio.sleep(0.2)
            raise RuntimeError

    first = asyncio.create_task(claims_and_fails())
    await started.wait()
    async with database.transaction() as tx:
        claimed = await claim(database, tx, [Claim("a")])
    with pytest.raises(RuntimeError):
        await first
    assert claimed.new == {"a"}


async def test_lanes_that_claim_the_same_keys_do_not_deadlock(database: Database) -> None:
    keys = [Claim(str(number)) for number in range(200)]

    async def take(order: list[Claim]) -> int:
        async with database.transaction() as tx:
            return len((await claim(database, tx, order)).new)

    taken = await asyncio.gather(take(keys), take(keys[::-1]), take(keys), take(keys[::-1]))
    assert sum(taken) == 200
