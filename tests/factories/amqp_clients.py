"""AMQP publishers that nobody here wrote: Debian's ``amqp-publish``, and RabbitMQ's own HTTP door."""

import asyncio
import shutil
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from drawbridge.contracts.message import PUBLIC
from drawbridge.testkit.servers.apt import apt_install

KEY = "reprocess"


def have_amqp_publish() -> str:
    """The path of ``amqp-publish``; installs it where that is possible.

    Raises:
        ServerError: where it is missing and cannot be installed.
    """
    if shutil.which("amqp-publish") is None:
        apt_install("amqp-tools")
    return shutil.which("amqp-publish") or "amqp-publish"


async def amqp_publish(
    url: str,
    body: bytes,
    *options: str | bytes,
    exchange: str = PUBLIC,
    routing_key: str = KEY,
    headers: dict[str, str] | None = None,
) -> None:
    """Publish with ``amqp-publish``; an empty exchange name is the default exchange."""
    named = [option for pair in (headers or {}).items() for option in ("-H", ": ".join(pair))]
    target = ["-e", exchange] if exchange else []
    process = await asyncio.create_subprocess_exec(
        *[have_amqp_publish(), f"--url={url}", *target, "-r", routing_key, "-p", *named, *options],
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate(body)
    assert process.returncode == 0, errors.decode()


async def http_publish(
    management_url: str,
    url: str,
    body: bytes,
    properties: Mapping[str, object] | None = None,
    *,
    exchange: str = PUBLIC,
) -> None:
    """Publish through RabbitMQ's management API, which sets any property to any value."""
    vhost = quote(url.rpartition("/")[2], safe="")
    message = {
        "routing_key": KEY,
        "payload": b64encode(body).decode(),
        "payload_encoding": "base64",
        "properties": properties or {},
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{management_url}/api/exchanges/{vhost}/{exchange}/publish", json=message)
    assert answer.json() == {"routed": True}, answer.text
