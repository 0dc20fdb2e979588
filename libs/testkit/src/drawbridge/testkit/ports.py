"""Free TCP ports on loopback, and waiting until something answers there."""

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable

# Below the range from which Linux takes ports for outgoing connections: a server that restarts on its
# port does not find it taken by somebody's client.
_FIRST, _LAST = 15_000, 30_000
_given: set[int] = set()


def free_port() -> int:
    """A loopback port that nobody listens on and that this process has not given away before."""
    while True:
        port = random.randint(_FIRST, _LAST)  # noqa: S311 - spreads test runs apart, guards nothing
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


async def wait_until(
    ready: Callable[[], Awaitable[bool]], *, seconds: float, failed: Callable[[], str | None] = lambda: None
) -> None:
    """Ask ``ready`` again and again until it says yes.

    ``failed`` may say why waiting is pointless (the process ended). Raises TimeoutError with that reason,
    or after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not await ready():
        if reason := failed():
            raise TimeoutError(reason)
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not ready after {seconds:.0f} seconds.")
        await asyncio.sleep(0.05)
