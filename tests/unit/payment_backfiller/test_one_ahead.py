"""A ledger is read one batch ahead of the storing, and never more than that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from drawbridge.payment_backfiller.usecases.one_ahead import one_ahead


class Ledger:
    """Three batches, then perhaps a failure."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.made: list[int] = []
        self.closed = asyncio.Event()
        self._failure = failure

    async def batches(self) -> AsyncIterator[int]:
        try:
            for number in range(3):
                await asyncio.sleep(0)
                self.made.append(number)
                yield number
            if self._failure is not None:
                raise self._failure
        except asyncio.CancelledError:
            self.closed.set()
            raise


async def turns() -> None:
    """Let all others run as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_next_one_is_made_meanwhile_and_no_other() -> None:
    ledger, seen = Ledger(), []
    async for number in one_ahead(ledger.batches()):
        await turns()
        seen.append((number, list(ledger.made)))
    assert seen == [(0, [0, 1]), (1, [0, 1, 2]), (2, [0, 1, 2])]


async def test_a_failure_comes_after_all_that_was_read_before_it() -> None:
    seen: list[int] = []

    async def store_all() -> None:
        async for number in one_ahead(Ledger(ConnectionError()).batches()):
            await turns()
            seen.append(number)

    with pytest.raises(ConnectionError):
        await store_all()
    assert seen == [0, 1, 2]


async def test_who_stops_early_stops_the_reading_as_well() -> None:
    ledger = Ledger(ConnectionError())
    async with aclosing(one_ahead(ledger.batches())) as coming:
        assert await anext(coming) == 0
        await asyncio.sleep(0)  # the reading of the next one begins
    assert ledger.closed.is_set()
    assert ledger.made == [0]


async def test_a_failure_that_nobody_waits_for_is_not_reported() -> None:
    async with aclosing(one_ahead(Ledger(ConnectionError()).batches())) as coming:
        async for number in coming:
            await turns()
            if number == 2:
                break
