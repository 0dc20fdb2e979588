"""What a fault is: a name, a family, how long it lasts, and what it does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.processes import ServiceProcess
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack

type Family = Literal["kill", "server", "network", "rolling", "pause", "procore"]
type Recovery = Literal["cut", "restart", "half_open", "other"]
"""How a recovery is judged (promise R5); ``other`` is only shown."""

WORKERS = ("gateway", "import_service", "cloud_service", "payment_backfiller")
PROCESSES = ("api", *WORKERS, "clerk")
"""All that may be killed; the Procore double keeps its books in memory only."""

READY_SECONDS = 60.0


@dataclass
class Stop:
    """How one orderly stop went (promise R6)."""

    process: str
    seconds: float
    exit_code: int


@dataclass
class Ground:
    """What faults act upon; ``resting`` names processes that are down on purpose."""

    scene: Scene
    stack: Stack
    servers: Servers
    resting: set[str] = field(default_factory=set)
    stops: list[Stop] = field(default_factory=list)

    def process(self, name: str) -> ServiceProcess:
        """One process of the stack."""
        return self.stack.processes[name]

    async def start(self, name: str) -> None:
        """Start a process that is down and wait until it is ready."""
        await self.process(name).start(seconds=READY_SECONDS)
        self.resting.discard(name)


@dataclass(frozen=True)
class Fault:
    """``act`` returns when the fault is over: the server answers again, the process is ready."""

    name: str
    family: Family
    act: Callable[[Ground, float], Awaitable[None]]
    shortest: float = 0.5
    longest: float = 3.0
    recovery: Recovery = "other"


async def hold(seconds: float) -> None:
    """Let the fault last."""
    await asyncio.sleep(seconds)
