"""Each service's broker user may do what its service does, and nothing else; definitions are the topology."""

import json
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit, urlunsplit

import aio_pika
import httpx
import pytest
import pytest_asyncio
from aiormq.exceptions import ChannelAccessRefused
from pydantic import SecretStr

from drawbridge.cli.commands.topology import DEFINITIONS, definitions_text
from drawbridge.contracts.broker_access import (
    SERVICES,
    Access,
    definitions,
    outside_consumer_access,
    outside_publisher_access,
    service_access,
)
from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer
from drawbridge.messaging import declare, provision_users
from drawbridge.testkit.servers import Server
from tests.factories.compose import ROOT

PASSWORD = SecretStr("only-for-this-test")
CLERK = OutsideConsumer("clerk", ("drawbridge.invoice.processed.v1",))
EVERYTHING = TOPOLOGY.with_outside([CLERK])


class Place:
    """A vhost with the whole topology, and a user for each service."""

    def __init__(self, url: str, management_url: str) -> None:
        self.url = url
        self.vhost = urlsplit(url).path.lstrip("/")
        self._management_url = management_url
        self._connections: list[aio_pika.abc.AbstractConnection] = []

    async def add(self, access: dict[str, Access]) -> None:
        users = {f"{self.vhost}-{name}": (PASSWORD, may) for name, may in access.items()}
        for _ in range(2):
            await provision_users(SecretStr(self._management_url), vhost=self.vhost, users=users)

    async def channel(self, name: str) -> aio_pika.abc.AbstractChannel:
        parts = urlsplit(self.url)
        account = f"{self.vhost}-{name}:{PASSWORD.get_secret_value()}"
        url = urlunsplit(parts._replace(netloc=f"{account}@{parts.hostname}:{parts.port}"))
        connection = await aio_pika.connect(url)
        self._connections.append(connection)
        return await connection.channel()

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()


@pytest_asyncio.fixture
async def place(amqp_vhost: str, rabbitmq_server: Server) -> AsyncIterator[Place]:
    if rabbitmq_server.management_url is None:
        pytest.skip("the given broker has no management API, so no users can be made")
    await declare(SecretStr(amqp_vhost), EVERYTHING)
    made = Place(amqp_vhost, rabbitmq_server.management_url)
    await made.add({service: service_access(service) for service in SERVICES})
    await made.add({"publisher": outside_publisher_access(), "clerk": outside_consumer_access(CLERK)})
    yield made
    await made.close()


def _read_by(service: str) -> set[str]:
    also = {"gateway": {"drawbridge.parked"}, "cloud-service": {"drawbridge.reprocess"}}
    return {f"{service}.commands", f"{service}.events"} | also.get(service, set())


async def _leave(_message: aio_pika.abc.AbstractIncomingMessage) -> None:
    """Take it and do nothing."""


async def _may_read(place: Place, service: str, queue: str) -> bool:
    channel = await place.channel(service)
    try:
        await (await channel.get_queue(queue, ensure=False)).consume(_leave)
    except ChannelAccessRefused:
        return False
    return True


async def _may_write(place: Place, user: str, exchange: str, key: str) -> bool:
    channel = await place.channel(user)
    to = channel.default_exchange if exchange == "" else await channel.get_exchange(exchange, ensure=False)
    try:
        await to.publish(aio_pika.Message(b"{}"), key, mandatory=False)
    except ChannelAccessRefused:
        return False
    return True


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_its_own_queues_and_no_others(place: Place, service: str) -> None:
    may = {queue.name for queue in EVERYTHING.queues if await _may_read(place, service, queue.name)}
    assert may == _read_by(service)


async def test_only_the_gateway_reaches_queues_past_the_exchanges(place: Place) -> None:
    may = {each: await _may_write(place, each, "", "cloud-service.commands") for each in SERVICES}
    assert may == dict.fromkeys(SERVICES, False) | {"gateway": True}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_declares_nothing(place: Place, service: str) -> None:
    channel = await place.channel(service)
    with pytest.raises(ChannelAccessRefused):
        await channel.declare_queue("mine")


async def test_an_outside_publisher_reaches_the_public_exchange_only(place: Place) -> None:
    reached = {each.name: await _may_write(place, "publisher", each.name, "x") for each in TOPOLOGY.exchanges}
    assert {name for name, may in reached.items() if may} == {"drawbridge.public"}


async def test_an_outside_consumer_reads_its_own_queue_and_sends_nothing(place: Place) -> None:
    assert await _may_read(place, "clerk", CLERK.queue)
    assert not await _may_read(place, "clerk", "drawbridge.reprocess")
    assert not await _may_write(place, "clerk", "drawbridge.public", "reprocess")


async def test_imported_definitions_are_the_declared_topology(
    amqp_vhost: str, rabbitmq_server: Server
) -> None:
    vhost = urlsplit(amqp_vhost).path.lstrip("/")
    if rabbitmq_server.management_url is None:
        pytest.skip("the given broker has no management API")
    given = {name: rows for name, rows in definitions(vhost=vhost).items() if name != "vhosts"}
    async with httpx.AsyncClient(base_url=rabbitmq_server.management_url, trust_env=False) as client:
        (await client.post(f"/api/definitions/{quote(vhost, safe='')}", json=given)).raise_for_status()
        await declare(SecretStr(amqp_vhost), TOPOLOGY)  # refused where anything differs
        found = (await client.get(f"/api/definitions/{quote(vhost, safe='')}")).raise_for_status().json()
    assert {each["name"] for each in found["queues"]} == {each.name for each in TOPOLOGY.queues}
    assert len(found["bindings"]) == len(given["bindings"])


def test_the_definitions_file_is_the_one_that_the_code_writes() -> None:
    assert (ROOT / DEFINITIONS).read_text() == definitions_text(), "run drawbridge topology definitions"
    assert "password" not in json.dumps(definitions())
