"""RabbitMQ and PostgreSQL stop, in good order or as by a crash, and come back on the same port."""

import asyncio
from functools import partial
from typing import Literal

from drawbridge.testkit.chaos.faults.fault import Fault, Ground, hold
from drawbridge.testkit.servers import GivenServer, Server

type ServerName = Literal["rabbitmq", "postgres"]


async def _restart(name: ServerName, kill: bool, ground: Ground, seconds: float) -> None:  # noqa: FBT001  # bound by partial
    server: Server = getattr(ground.servers, name)
    await server.stop(kill=kill)
    await hold(seconds)
    await server.start()


def server_faults() -> list[Fault]:
    """All faults of the two servers."""
    names: tuple[ServerName, ...] = ("rabbitmq", "postgres")
    return [
        Fault(f"{word} {name}", "server", partial(_restart, name, kill), 0, 3, "restart")
        for name in names
        for word, kill in (("restart", False), ("kill", True))
    ]


def are_ours(ground: Ground) -> bool:
    """Whether both servers may be stopped: those that somebody else runs may not."""
    both = (ground.servers.rabbitmq, ground.servers.postgres)
    return not any(isinstance(each, GivenServer) for each in both)


async def wait_for_queue_names() -> None:
    """RabbitMQ 3.10 forgets a quorum queue that was declared within a second before a kill."""
    await asyncio.sleep(1.5)
