"""Keeping below Procore's rate limit, as its headers describe it.

Procore counts calls in two windows at once (about ten seconds, and an hour) and shows on every answer the one
that is nearer to exhaustion. No fixed figures are promised, so none are assumed: windows are learnt from
answers and told apart by their limit.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from drawbridge.contracts.errors import Waiting

LIMIT = "procore_limit"
"""The reason of a wait for Procore's rate limit."""

DOWN = "procore_down"
"""The reason of a wait because Procore said that it is overloaded or in maintenance."""

_LONGEST_PAUSE = timedelta(minutes=65)
_LONGEST_BACK_OFF = 300.0


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Budget:
    """One of Procore's windows as last seen: calls allowed in it, calls left, and when it starts anew."""

    limit: int
    remaining: int
    reset: datetime


@dataclass(slots=True)
class _Window:
    """One of Procore's windows: calls left for everybody, calls made by us, and when both start anew."""

    limit: int
    remaining: int
    reset: datetime
    used: int = 0


class RateLimiter:
    """One app's budget as seen by one caller; share one limiter among all clients of that app.

    ``share`` is the part of each window's limit that this caller may use (1 for an app of its own).
    Waits up to ``patience`` are slept; longer ones raise `Waiting`, so that a worker can do other work.
    """

    def __init__(
        self,
        share: float = 1.0,
        patience: timedelta = timedelta(seconds=3),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError("The share of Procore's limit must be more than 0 and at most 1.")
        self._share = share
        self._patience = patience
        self._now = now
        self._windows: dict[int, _Window] = {}
        self._paused_until: datetime | None = None
        self._reason = LIMIT
        self._refusals = 0

    async def turn(self) -> None:
        """Take one call from the budget; sleeps a short wait, raises `Waiting` for a long one."""
        while (until := self.waiting_until()) is not None:
            wait = until - self._now()
            if wait > self._patience:
                raise Waiting(self._reason if self._paused_until else LIMIT, until)
            await asyncio.sleep(max(wait.total_seconds(), 0.01))
        for window in self._windows.values():
            window.used += 1
            window.remaining -= 1

    def waiting_until(self) -> datetime | None:
        """Return when the next call is allowed, or ``None`` if it is allowed now."""
        now = self._now()
        self._windows = {limit: window for limit, window in self._windows.items() if window.reset > now}
        if self._paused_until is not None and self._paused_until <= now:
            self._paused_until = None
        waits = [window.reset for window in self._windows.values() if self._is_spent(window)]
        if self._paused_until is not None:
            waits.append(self._paused_until)
        return max(waits, default=None)

    def budgets(self) -> list[Budget]:
        """The windows that are known and not over, the smallest first."""
        now = self._now()
        known = [window for window in self._windows.values() if window.reset > now]
        return [
            Budget(window.limit, max(0, window.remaining), window.reset)
            for window in sorted(known, key=lambda window: window.limit)
        ]

    def saw(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer that was no 429 or 503."""
        self._refusals = 0
        self._learn(headers)

    def refused(self, headers: Mapping[str, str], reason: str = LIMIT) -> Waiting:
        """Learn from a 429 or 503: all calls wait from now on. Returns the error to raise.

        The wait is ``Retry-After``, else the window's reset, else doubling from one second with jitter.
        """
        self._learn(headers)
        now = self._now()
        self._refusals += 1
        until = _retry_after(headers, now) or (_reset(headers, now) if reason == LIMIT else None)
        if until is None:
            seconds = min(2.0 ** min(self._refusals, 10), _LONGEST_BACK_OFF)
            until = now + timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311  spreads retries, guards nothing
        self._paused_until = max(until, self._paused_until or until)
        self._reason = reason
        return Waiting(reason, self._paused_until)

    def _is_spent(self, window: _Window) -> bool:
        return window.remaining <= 0 or window.used >= max(1, int(window.limit * self._share))

    def _learn(self, headers: Mapping[str, str]) -> None:
        now = self._now()
        limit = _whole(headers.get("x-rate-limit-limit"))
        remaining = _whole(headers.get("x-rate-limit-remaining"))
        reset = _reset(headers, now)
        if limit is None or remaining is None or reset is None or limit < 1:
            return
        known = self._windows.get(limit)
        if known is None or known.reset <= now:
            self._windows[limit] = _Window(limit, remaining, reset, used=1)
            return
        if reset <= known.reset:
            # Answers overtake each other: within one window the lowest figure is the newest.
            known.remaining = min(known.remaining, remaining)
            return
        # The window moved on: we cannot have used more of it than everybody together.
        known.remaining, known.reset = remaining, reset
        known.used = min(known.used, limit - remaining)


def _whole(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def _within_reason(moment: datetime, now: datetime) -> datetime | None:
    """A past moment says nothing; one beyond the longest window is a clock that is wrong."""
    return min(moment, now + _LONGEST_PAUSE) if moment > now else None


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = _whole(headers.get("x-rate-limit-reset"))
    try:
        return None if seconds is None else _within_reason(datetime.fromtimestamp(seconds, UTC), now)
    except (OverflowError, OSError, ValueError):
        return None


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    text = headers.get("retry-after")
    if not text:
        return None
    seconds = _whole(text)
    if seconds is not None:
        return _within_reason(now + timedelta(seconds=min(seconds, 7200)), now)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return _within_reason(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)
