"""The network between the services and RabbitMQ, PostgreSQL or Procore fails."""

from functools import partial

from drawbridge.testkit.chaos.faults.fault import Fault, Ground, Recovery, hold
from drawbridge.testkit.proxy import Mode

SERVERS = ("amqp", "postgres", "procore")


async def _cut(server: str, ground: Ground, seconds: float) -> None:
    del seconds  # a cut is over at once
    ground.stack.proxies[server].cut()


async def _switch(server: str, mode: Mode, ground: Ground, seconds: float) -> None:
    proxy = ground.stack.proxies[server]
    await proxy.switch(mode)
    try:
        await hold(seconds)
    finally:
        await proxy.switch(Mode.PASS)


# Where nobody listens for some seconds it is as if the server restarted.
_MODES: tuple[tuple[Mode, float, float, Recovery], ...] = (
    (Mode.REFUSE, 0.5, 4, "restart"),
    (Mode.HANG, 1, 6, "other"),
    (Mode.SLOW, 2, 5, "other"),
    (Mode.HALF_OPEN, 2, 10, "half_open"),
)


def network_faults() -> list[Fault]:
    """All faults of the network."""
    cuts = [Fault(f"cut {server}", "network", partial(_cut, server), recovery="cut") for server in SERVERS]
    switched = [
        Fault(f"{mode} {server}", "network", partial(_switch, server, mode), shortest, longest, recovery)
        for mode, shortest, longest, recovery in _MODES
        for server in SERVERS
    ]
    return [*cuts, *switched]
