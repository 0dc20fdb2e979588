"""Procore's two rate limits: a spike window of 10 seconds and an hourly window.

Headers on every answer describe whichever window is nearer to exhaustion; a call beyond either
answers 429 with ``Retry-After``.
"""

import math
from dataclasses import dataclass, field

SPIKE_SECONDS = 10
HOUR_SECONDS = 3600


@dataclass
class Window:
    """A fixed window of ``seconds`` that allows ``limit`` calls; opened by the first call in it."""

    limit: int
    seconds: float
    opened_at: float = -math.inf
    used: int = 0

    def roll(self, now: float) -> None:
        """Open a new window where the old one is over. ``now`` is unix seconds."""
        if now >= self.opened_at + self.seconds:
            self.opened_at = now
            self.used = 0

    @property
    def remaining(self) -> int:
        """Calls left in this window."""
        return max(0, self.limit - self.used)

    @property
    def reset(self) -> int:
        """Unix second at which the window is over, rounded up."""
        return math.ceil(self.opened_at + self.seconds)


@dataclass(frozen=True)
class RateLimits:
    """How many calls one app may make, and in how many seconds. The defaults are generous."""

    spike: int = 1_000
    hourly: int = 100_000
    spike_seconds: float = SPIKE_SECONDS
    hour_seconds: float = HOUR_SECONDS
    """Shorter than an hour, time runs faster: for measuring."""


@dataclass
class Meter:
    """Counts the calls of one app."""

    limits: RateLimits
    windows: list[Window] = field(init=False)

    def __post_init__(self) -> None:
        self.windows = [
            Window(self.limits.spike, self.limits.spike_seconds),
            Window(self.limits.hourly, self.limits.hour_seconds),
        ]

    def take(self, now: float) -> bool:
        """Count one call; False where it is beyond a limit."""
        for window in self.windows:
            window.roll(now)
        allowed = all(window.remaining for window in self.windows)
        for window in self.windows:
            window.used += 1
        return allowed

    def exhaust(self, now: float, seconds: int, name: str = "spike") -> None:
        """Use up the spike window, or the hourly one, so that it opens again ``seconds`` from now."""
        window = self.windows[0 if name == "spike" else 1]
        window.opened_at = now + seconds - window.seconds
        window.used = window.limit

    def headers(self, now: float, *, refused: bool) -> dict[str, str]:
        """The rate limit headers of an answer, with ``Retry-After`` on a refusal."""
        nearer = min(self.windows, key=lambda window: window.remaining)
        headers = {
            "X-Rate-Limit-Limit": str(nearer.limit),
            "X-Rate-Limit-Remaining": str(nearer.remaining),
            "X-Rate-Limit-Reset": str(nearer.reset),
        }
        if refused:
            headers["Retry-After"] = str(max(1, math.ceil(nearer.reset - now)))
        return headers
