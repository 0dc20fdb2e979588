"""The broker's connections behind a network that cuts them."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest_asyncio
from pydantic import SecretStr

from drawbridge.messaging import Broker
from drawbridge.testkit.proxy import FaultProxy, Mode


@pytest_asyncio.fixture
async def proxy(amqp_vhost: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(urlsplit(amqp_vhost).port or 5672) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def broker(amqp_vhost: str, proxy: FaultProxy) -> AsyncIterator[Broker]:
    parts = urlsplit(amqp_vhost)
    account = parts.netloc.rpartition("@")[0]
    made = Broker(
        SecretStr(urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{proxy.port}"))), name="sample"
    )
    await made.connect()
    yield made
    await made.close()


async def test_the_first_channel_after_a_cut_is_opened_on_a_fresh_connection(
    broker: Broker, proxy: FaultProxy
) -> None:
    proxy.cut()
    async with broker.publishing() as channel:
        assert not channel.is_closed


async def test_the_first_channel_after_a_silence_is_opened_on_a_fresh_connection(
    broker: Broker, proxy: FaultProxy
) -> None:
    await proxy.switch(Mode.HALF_OPEN)
    await proxy.switch(Mode.PASS)
    async with broker.consuming() as channel:
        assert not channel.is_closed
