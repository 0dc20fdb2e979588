"""Keeping below Procore's rate limit: who may call now, who waits, and until when."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from drawbridge.contracts.errors import Waiting
from drawbridge.procore.windows import Window, learn, reset_in, retry_after_in, shown_in
from drawbridge.runtime.metrics import LIMIT_UNTIL, LIMIT_WAIT

LIMIT = "procore_limit"
"""The reason of a wait for Procore's rate limit."""

DOWN = "procore_down"
"""The reason of a wait because Procore said that it is overloaded or in maintenance."""

_LONGEST_BACK_OFF = 300.0
_bulk: ContextVar[bool] = ContextVar("bulk", default=False)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@contextmanager
def bulk_calls(*, bulk: bool = True) -> Iterator[None]:
    """Let the calls made inside yield to those that a person waits for."""
    token = _bulk.set(bulk)
    try:
        yield
    finally:
        _bulk.reset(token)


@dataclass(frozen=True, slots=True)
class Budget:
    """One of Procore's windows as last seen: calls allowed in it, calls left, and when it starts anew."""

    limit: int
    remaining: int
    reset: datetime


class RateLimiter:
    """One app's budget as seen by one caller; share one limiter among all clients of that app.

    ``share`` is the part of each window's limit that this caller may use (1 for an app of its own).
    Waits up to ``patience`` are slept (``bulk_patience`` inside `bulk_calls`); longer ones raise `Waiting`,
    so that a worker can do other work. While nothing is known of the limit, one call goes ahead alone.
    """

    def __init__(
        self,
        share: float = 1.0,
        patience: timedelta = timedelta(seconds=3),
        bulk_patience: timedelta = timedelta(seconds=12),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError("The share of Procore's limit must be more than 0 and at most 1.")
        self._share = share
        self._patience = {False: patience, True: bulk_patience}
        self._now = now
        self._windows: dict[int, Window] = {}
        self._paused_until: datetime | None = None
        self._reason = LIMIT
        self._refusals = 0
        self._under_way = 0
        self._heard = False
        self._hurried = 0
        self._news = asyncio.Event()

    async def turn(self) -> None:
        """Take one call from the budget; sleeps a short wait, raises `Waiting` for a long one.

        Each turn ends with `saw`, `refused` or `unanswered`.
        """
        bulk, began = _bulk.get(), perf_counter()
        with self._in_line(bulk=bulk):
            while self._must_listen(bulk=bulk) or await self._waited(bulk=bulk):
                if self._must_listen(bulk=bulk):
                    await self._news.wait()
        LIMIT_WAIT.inc(perf_counter() - began)
        self._under_way += 1
        for window in self._windows.values():
            window.used += 1
            window.remaining -= 1

    def waiting_until(self, *, bulk: bool = False) -> datetime | None:
        """Return when the next call is allowed, or ``None`` if it is allowed now."""
        now = self._now()
        for window in self._windows.values():
            window.roll(now)
        if self._paused_until is not None and self._paused_until <= now:
            self._paused_until = None
        spent = [window for window in self._windows.values() if window.is_spent(self._share, bulk=bulk)]
        waits = [window.reset for window in spent]
        if self._paused_until is not None:
            waits.append(self._paused_until)
        return max(waits, default=None)

    def budgets(self) -> list[Budget]:
        """The windows that are known and not over, the smallest first."""
        now = self._now()
        known = [window for window in self._windows.values() if window.sure and window.reset > now]
        return [
            Budget(window.limit, max(0, window.remaining), window.reset)
            for window in sorted(known, key=lambda window: window.limit)
        ]

    def saw(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer that was no 429 or 503."""
        self._refusals = 0
        self._heard = True
        self._answered(headers)

    def refused(self, headers: Mapping[str, str], reason: str = LIMIT) -> Waiting:
        """Learn from a 429 or 503: all calls wait from now on. Returns the error to raise.

        The wait is ``Retry-After``, else the window's reset, else doubling from one second with jitter.
        """
        now = self._now()
        self._heard = False
        self._refusals += 1
        until = retry_after_in(headers, now) or (reset_in(headers, now) if reason == LIMIT else None)
        if until is None:
            seconds = min(2.0 ** min(self._refusals, 10), _LONGEST_BACK_OFF)
            until = now + timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311  spreads retries, guards nothing
        self._paused_until = max(until, self._paused_until or until)
        self._reason = reason
        self._answered(headers)
        LIMIT_UNTIL.labels(reason).set(self._paused_until.timestamp())
        return Waiting(reason, self._paused_until)

    def unanswered(self) -> None:
        """Note that a call ended without an answer."""
        self._under_way = max(0, self._under_way - 1)
        self._tell()

    def _answered(self, headers: Mapping[str, str]) -> None:
        self._under_way = max(0, self._under_way - 1)
        shown = shown_in(headers, self._now())
        if shown is not None:
            for window in self._windows.values():
                window.roll(self._now())
            learn(self._windows, shown, self._under_way)
        self._tell()

    @contextmanager
    def _in_line(self, *, bulk: bool) -> Iterator[None]:
        """While a person's call stands in line, bulk calls let it go first."""
        self._hurried += not bulk
        try:
            yield
        finally:
            self._hurried -= not bulk
            self._tell()

    def _must_listen(self, *, bulk: bool) -> bool:
        """Whether to wait for others: for the answer that tells the limit, or for a person's call."""
        return (self._under_way > 0 and not self._heard) or (bulk and self._hurried > 0)

    async def _waited(self, *, bulk: bool) -> bool:
        """Wait for the budget, or for news of it; False if there was nothing to wait for."""
        until = self.waiting_until(bulk=bulk)
        if until is None:
            return False
        wait = until - self._now()
        if wait > self._patience[bulk]:
            raise Waiting(self._reason if self._paused_until else LIMIT, until)
        try:
            async with asyncio.timeout(max(wait.total_seconds(), 0.01)):
                await self._news.wait()
        except TimeoutError:
            pass
        return True

    def _tell(self) -> None:
        """Wake all who wait, to look again."""
        self._news.set()
        self._news = asyncio.Event()
