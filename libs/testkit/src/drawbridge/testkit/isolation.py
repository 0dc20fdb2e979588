"""A fresh database or vhost for each test, so that tests never see one another's rows and messages."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import aio_pika
import asyncpg
import httpx
from aio_pika.abc import AbstractChannel

from drawbridge.testkit.servers.instance import Server


def with_path(url: str, path: str) -> str:
    """The URL with another path: another database, another vhost."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def unique_name(kind: str) -> str:
    """A name that nothing else has: letters, digits and underscores."""
    return f"{kind}_{uuid.uuid4().hex[:12]}"


async def _administer(admin_url: str, statement: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def create_database(admin_url: str, name: str, template: str | None = None) -> str:
    """Create a database and return its URL. ``template`` is copied; nobody may be connected to it."""
    source = f" TEMPLATE {_quoted(template)}" if template else ""
    await _administer(admin_url, f"CREATE DATABASE {_quoted(name)}{source}")
    return with_path(admin_url, name)


async def drop_database(admin_url: str, name: str) -> None:
    """Drop a database if it exists, whoever is still connected."""
    await _administer(admin_url, f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


@asynccontextmanager
async def fresh_database(admin_url: str, template: str | None = None) -> AsyncIterator[str]:
    """The URL of a new database that is dropped afterwards."""
    name = unique_name("test")
    url = await create_database(admin_url, name, template)
    try:
        yield url
    finally:
        await drop_database(admin_url, name)


async def create_vhost(management_url: str, name: str) -> None:
    """Create a vhost in which the API's own user may do everything."""
    async with httpx.AsyncClient(base_url=management_url, trust_env=False) as client:
        (await client.put(f"/api/vhosts/{quote(name, safe='')}", json={})).raise_for_status()
        user = urlsplit(management_url).username
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        path = f"/api/permissions/{quote(name, safe='')}/{user}"
        (await client.put(path, json=rights)).raise_for_status()


async def delete_vhost(management_url: str, name: str) -> None:
    """Delete a vhost with everything in it; its connections are closed by the broker."""
    async with httpx.AsyncClient(base_url=management_url, trust_env=False) as client:
        (await client.delete(f"/api/vhosts/{quote(name, safe='')}")).raise_for_status()


@asynccontextmanager
async def fresh_vhost(broker: Server) -> AsyncIterator[str]:
    """The AMQP URL of a new vhost that is deleted afterwards.

    A broker given without its management API has only the vhost in its URL: that one is handed out, and
    tests share it. Set ``DRAWBRIDGE_TEST_MANAGEMENT_URL`` too where that is not good enough.
    """
    if broker.management_url is None:
        yield broker.url
        return
    name = unique_name("test")
    await create_vhost(broker.management_url, name)
    try:
        yield with_path(broker.url, name)
    finally:
        await delete_vhost(broker.management_url, name)


async def empty_queues(amqp_url: str, names: Iterable[str]) -> None:
    """Purge queues that nobody reads any more: quicker by far than a new vhost with queues of its own.

    A consumer that has just gone may still hold messages, and gives them back in the moment that the
    broker strikes it off: so each queue is purged once it has no consumer.

    Raises:
        TimeoutError: when a queue is still being read after ten seconds.
    """
    connection = await aio_pika.connect(amqp_url)
    try:
        channel = await connection.channel()
        async with asyncio.timeout(10):
            for name in names:
                await _empty(channel, name)
    finally:
        await connection.close()


async def _empty(channel: AbstractChannel, name: str) -> None:
    queue = await channel.declare_queue(name, passive=True)
    while queue.declaration_result.consumer_count:
        await asyncio.sleep(0.02)
        queue = await channel.declare_queue(name, passive=True)
    await queue.purge()
