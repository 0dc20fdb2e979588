"""A broker with the sample topology, a database with the sample schema, and a way to run components."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.messaging import Broker, declare
from drawbridge.persistence import Database
from drawbridge.runtime import Component
from tests.factories.core import SAMPLE_TOPOLOGY, sample_database

type Running = Callable[[Component], AbstractAsyncContextManager[asyncio.Event]]


@pytest_asyncio.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    async with sample_database(postgres_database) as made:
        yield made


@pytest_asyncio.fixture
async def amqp(amqp_vhost: str) -> SecretStr:
    url = SecretStr(amqp_vhost)
    await declare(url, SAMPLE_TOPOLOGY)
    return url


@pytest_asyncio.fixture
async def broker(amqp: SecretStr) -> AsyncIterator[Broker]:
    made = Broker(amqp, name="sample")
    yield made
    await made.close()


@pytest.fixture
def running() -> Running:
    """Run a component once, as a task; leaving asks it to stop and waits for it."""

    @asynccontextmanager
    async def run(component: Component) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(component.run(stop))
        try:
            async with asyncio.timeout(30):
                while not component.ready() and not task.done():  # noqa: ASYNC110  # nothing announces it
                    await asyncio.sleep(0.01)
            yield stop
        finally:
            stop.set()
            async with asyncio.timeout(30):
                await task

    return run
