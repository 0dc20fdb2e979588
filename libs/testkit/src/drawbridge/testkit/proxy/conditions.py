"""How the network behind a proxy behaves at the moment."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """What becomes of bytes and of new connections."""

    PASS = "pass"  # noqa: S105  # no password: bytes pass
    REFUSE = "refuse"
    """Nobody listens; connections that were open are reset."""
    HANG = "hang"
    """Connections are taken, bytes stand still and arrive once the mode changes."""
    SLOW = "slow"
    """Bytes arrive in small pieces, each late."""
    HALF_OPEN = "half-open"
    """Connections are kept and taken, but their bytes are lost, and so is the news of their end."""


@dataclass
class Conditions:
    """Shared by a proxy and its links. ``delay`` is the seconds that each piece is late in `Mode.SLOW`."""

    mode: Mode = Mode.PASS
    delay: float = 0.1
    flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.change(self.mode)

    def change(self, mode: Mode) -> None:
        """Take another mode; what stood still moves on unless it hangs again."""
        self.mode = mode
        if mode is Mode.HANG:
            self.flowing.clear()
        else:
            self.flowing.set()
