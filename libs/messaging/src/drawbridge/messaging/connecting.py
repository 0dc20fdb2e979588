"""How connections to the broker are made, and which of its errors mean that one is lost.

Plain connections, not aio-pika's robust ones: a part that loses its channel ends with an error, and the
supervisor starts it again with a fresh one. So nothing is ever half restored.
"""

from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from pydantic import SecretStr

from drawbridge.messaging import odd_properties
from drawbridge.runtime import register_transient

HEARTBEAT_SECONDS = 8
"""A half-open network is noticed after three of these."""
CONNECT_SECONDS = 5.0


async def connect(url: SecretStr | str, name: str) -> AbstractConnection:
    """Connect once.

    Raises:
        OSError | aio_pika.exceptions.AMQPError: when the broker is away or refuses us.
    """
    secret = url.get_secret_value() if isinstance(url, SecretStr) else url
    separator = "&" if urlsplit(secret).query else "?"
    address = f"{secret}{separator}heartbeat={HEARTBEAT_SECONDS}"
    return await aio_pika.connect(
        address, timeout=CONNECT_SECONDS, client_properties={"connection_name": name}
    )


def is_broker_transient(error: BaseException) -> bool:
    """All AMQP errors: a lost connection, and a queue that is not declared yet."""
    return isinstance(error, AMQPError | ChannelInvalidStateError)


register_transient(is_broker_transient)
odd_properties.install()
