"""A RabbitMQ and a PostgreSQL on demand, wherever the machine can get them.

Each server is looked for on its own, in this order: a URL in the environment
(``DRAWBRIDGE_TEST_AMQP_URL``, ``DRAWBRIDGE_TEST_POSTGRES_URL``), a container engine that answers,
installed programs as a private throwaway instance, and on Debian or Ubuntu as root an installation by
apt. Where ``DRAWBRIDGE_TEST_RABBITMQ_PROGRAM`` names a ``rabbitmq-server``, that one is started and no
other is looked for. Nothing is skipped silently: where no source works, `ServersUnavailable` lists what
was tried.
"""

from drawbridge.testkit.servers.given import GivenServer
from drawbridge.testkit.servers.instance import Server, ServerError, ServersUnavailable
from drawbridge.testkit.servers.resolve import Servers, servers, start_postgres, start_rabbitmq, start_servers

__all__ = [
    "GivenServer",
    "Server",
    "ServerError",
    "Servers",
    "ServersUnavailable",
    "servers",
    "start_postgres",
    "start_rabbitmq",
    "start_servers",
]
