"""After a fault the parts come back by themselves, in time, with nothing lost and nothing twice."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from drawbridge.messaging import Broker, Intake, Relay, declare
from drawbridge.persistence import Database, WorkLoop
from drawbridge.runtime import Component, keep_running
from drawbridge.testkit.isolation import with_path
from drawbridge.testkit.servers import Server, start_rabbitmq
from tests.factories.core import QUEUE, SAMPLE_TOPOLOGY, count, sample_database
from tests.factories.fault_proxy import FaultProxy
from tests.factories.notes import Chain

LOOSE = 60
"""Seconds: a loose multiple of what is promised, as the machine may be busy; the figure itself is printed."""


@asynccontextmanager
async def _process(database_url: str, amqp_url: str) -> AsyncIterator[Chain]:
    """One service: relay, intake and work loop, each kept running as the supervisor does it."""
    async with sample_database(database_url, pool_size=8, create=False) as database:
        broker = Broker(SecretStr(amqp_url), name="sample")
        chain = Chain(database)
        stop = asyncio.Event()
        parts: list[Component] = [
            Relay(database, broker),
            Intake(broker, database, QUEUE, chain.take),
            WorkLoop(database, [chain]),
        ]
        tasks = [asyncio.create_task(keep_running(part, stop)) for part in parts]
        try:
            yield chain
        finally:
            stop.set()
            await asyncio.wait(tasks, timeout=5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await broker.close()


async def _recovers(watched: Database, chain: Chain, *, within: float) -> None:
    """Send more, and expect every note to have had its one effect."""
    started = time.monotonic()
    await chain.send_through(watched, 20)
    async with asyncio.timeout(within):
        while await count(watched, "effects") < chain.sent:  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(0.1)
    print(f"recovered in {time.monotonic() - started:.1f} s")  # the figure of this promise
    await asyncio.sleep(0.5)
    assert await count(watched, "effects") == chain.sent


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", ["cut", "refuse"])
@pytest.mark.parametrize("at", ["broker", "database"])
async def test_cut_connections_are_made_again(
    postgres_database: str, amqp_vhost: str, at: str, fault: str
) -> None:
    await declare(SecretStr(amqp_vhost), SAMPLE_TOPOLOGY)
    async with (
        sample_database(postgres_database) as watched,
        FaultProxy.before(postgres_database) as (postgres, database_url),
        FaultProxy.before(amqp_vhost) as (rabbitmq, amqp_url),
        _process(database_url, amqp_url) as chain,
    ):
        await _recovers(watched, chain, within=LOOSE)
        proxy = rabbitmq if at == "broker" else postgres
        await chain.send_through(watched, 200)
        if fault == "refuse":
            await proxy.refuse()
            await asyncio.sleep(1)
            await proxy.accept()
        else:
            await proxy.cut()
        await _recovers(watched, chain, within=LOOSE)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("at", ["broker", "database"])
async def test_silent_network_is_noticed_and_replaced(
    postgres_database: str, amqp_vhost: str, at: str
) -> None:
    await declare(SecretStr(amqp_vhost), SAMPLE_TOPOLOGY)
    async with (
        sample_database(postgres_database) as watched,
        FaultProxy.before(postgres_database) as (postgres, database_url),
        FaultProxy.before(amqp_vhost) as (rabbitmq, amqp_url),
        _process(database_url, amqp_url) as chain,
    ):
        await _recovers(watched, chain, within=LOOSE)
        proxy = rabbitmq if at == "broker" else postgres
        await chain.send_through(watched, 200)
        proxy.silence()
        await chain.send_through(watched, 20)
        await asyncio.sleep(5)
        await proxy.accept()
        await _recovers(watched, chain, within=2 * LOOSE)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_restarted_broker_is_used_again(postgres_database: str) -> None:
    server: Server = await start_rabbitmq()
    try:
        amqp_url = with_path(server.url, "%2F")
        await declare(SecretStr(amqp_url), SAMPLE_TOPOLOGY)
        async with (
            sample_database(postgres_database) as watched,
            _process(postgres_database, amqp_url) as chain,
        ):
            await _recovers(watched, chain, within=LOOSE)
            await chain.send_through(watched, 200)
            await server.restart(kill=True)
            await _recovers(watched, chain, within=LOOSE)
    finally:
        server.close()
