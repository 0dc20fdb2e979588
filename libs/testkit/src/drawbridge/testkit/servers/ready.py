"""Does a server really answer? An open port alone says little (a container's proxy opens it at once)."""

import asyncio

import asyncpg
import httpx

_AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"


async def speaks_amqp(port: int, host: str = "127.0.0.1") -> bool:
    """True when a broker answers the AMQP 0-9-1 greeting with its first frame."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(_AMQP_HEADER)
                return await reader.read(1) == _METHOD_FRAME
            finally:
                writer.close()
                await writer.wait_closed()
    except OSError:  # TimeoutError is one too
        return False


async def answers_http(url: str) -> bool:
    """True when a GET is answered with success."""
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False


async def answers_management(url: str) -> bool:
    """True when RabbitMQ's HTTP API at ``url`` (with user and password) lets us in."""
    return await answers_http(f"{url}/api/whoami")


async def answers_sql(url: str) -> bool:
    """True when PostgreSQL takes a connection."""
    try:
        connection = await asyncpg.connect(url, timeout=2, ssl=False)
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True
