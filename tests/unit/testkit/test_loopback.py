import socket

import httpx
import pytest

from drawbridge.testkit.loopback import NotLoopbackError


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as client, pytest.raises(NotLoopbackError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_a_datagram_does_not_leave_either() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(NotLoopbackError):
        client.sendto(b"x", ("192.0.2.1", 53))


async def test_a_name_is_not_even_looked_up() -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError, match=r"stay on this machine.*example\.org"):
            await client.get("http://example.org/")


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=2).close()
