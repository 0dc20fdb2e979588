from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from drawbridge.testkit.isolation import create_database, drop_database, fresh_database, unique_name
from drawbridge.testkit.servers import Server, Servers


async def test_every_test_gets_an_empty_database(postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database)
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        == 0
    )
    await connection.close()


async def test_a_database_is_copied_from_its_template(postgres_server: Server) -> None:
    template = unique_name("template")
    url = await create_database(postgres_server.url, template)
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE invoice AS SELECT 7 AS number")
    await connection.close()
    async with fresh_database(postgres_server.url, template) as copy:
        connection = await asyncpg.connect(copy)
        assert await connection.fetchval("SELECT number FROM invoice") == 7
        await connection.close()
    await drop_database(postgres_server.url, template)


async def test_a_dropped_database_takes_its_connections_along(postgres_server: Server) -> None:
    async with fresh_database(postgres_server.url) as url:
        connection = await asyncpg.connect(url)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")


async def test_a_vhost_takes_messages_that_no_other_vhost_sees(amqp_vhost: str, servers: Servers) -> None:
    connection = await aio_pika.connect(amqp_vhost)
    channel = await connection.channel()
    queue = await channel.declare_queue("work", durable=True, arguments={"x-queue-type": "quorum"})
    await channel.default_exchange.publish(aio_pika.Message(b"hello"), "work")
    message = await queue.get(timeout=30)
    await message.ack()
    assert message.body == b"hello"
    await connection.close()
    assert urlsplit(amqp_vhost).path != urlsplit(servers.amqp_url).path
    elsewhere = await aio_pika.connect(servers.amqp_url)
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await (await elsewhere.channel()).declare_queue("work", passive=True)
    await elsewhere.close()
