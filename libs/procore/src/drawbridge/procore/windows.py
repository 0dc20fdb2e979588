"""Procore's rate limit as its answers describe it: windows, and the headers that tell of them.

Procore counts calls in two windows at once (about ten seconds, and an hour) and shows on every answer the one
that is nearer to exhaustion. No fixed figures are promised, so none are assumed: windows are learnt from
answers and told apart by their limit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = timedelta(minutes=65)
_UNSURE = timedelta(seconds=2)
_TRAVEL = timedelta(seconds=3)
_RESERVE = 0.03


@dataclass(frozen=True, slots=True)
class Shown:
    """What the headers of one answer said of a window."""

    limit: int
    remaining: int
    reset: datetime


@dataclass(slots=True)
class Window:
    """One of Procore's windows: calls left for everybody, calls made by us, and when both start anew.

    A window that is over starts anew with one call (``sure`` is false): its answer tells how it stands now.
    """

    limit: int
    remaining: int
    reset: datetime
    used: int = 0
    sure: bool = True

    def roll(self, now: datetime) -> None:
        """Start anew where the window is over."""
        if self.reset <= now:
            self.remaining, self.used, self.sure = 1, 0, False
            self.reset = now + _UNSURE

    def is_spent(self, share: float, *, bulk: bool) -> bool:
        """Whether no call is left for us; bulk work leaves a small reserve to what a person waits for."""
        allowed = max(1, int(self.limit * share))
        kept = max(1, round(allowed * _RESERVE)) if bulk and self.sure and allowed > 1 else 0
        return self.remaining <= kept or self.used >= allowed - kept

    def learn(self, shown: Shown, under_way: int) -> None:
        """Take in what an answer said of this window while other calls are still under way."""
        if not self.sure or shown.reset > self.reset:
            # The window moved on: we cannot have used more of it than everybody together.
            self.remaining, self.reset = shown.remaining - under_way, shown.reset
            self.used = min(self.used, shown.limit - shown.remaining + under_way)
            self.sure = True
        elif shown.reset == self.reset:
            # Answers overtake each other: within one window the lowest figure is the newest.
            self.remaining = min(self.remaining, shown.remaining)

    def bound_by(self, other: Shown, under_way: int) -> None:
        """Another window was shown, so this one is farther from exhaustion, in calls or in proportion.

        That bounds what may be asked before the next answer, while no answer has shown this window itself.
        """
        if not self.sure:
            at_least = min(other.remaining, self.limit * other.remaining // other.limit)
            self.remaining = max(1, at_least) - under_way


def learn(windows: dict[int, Window], shown: Shown, under_way: int) -> None:
    """Take in one answer: of the window that it shows, and thereby of the others."""
    known = windows.get(shown.limit)
    if known is None:
        used = 1 + under_way
        windows[shown.limit] = Window(shown.limit, shown.remaining - under_way, shown.reset, used)
    else:
        known.learn(shown, under_way)
    for other in _others(windows, shown.limit):
        other.bound_by(shown, under_way)


def shown_in(headers: Mapping[str, str], now: datetime) -> Shown | None:
    """What the headers say, if they say it all."""
    limit = _whole(headers.get("x-rate-limit-limit"))
    remaining = _whole(headers.get("x-rate-limit-remaining"))
    reset = reset_in(headers, now)
    if limit is None or remaining is None or reset is None or limit < 1:
        return None
    return Shown(limit, remaining, reset)


def reset_in(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the shown window starts anew, if that is in the future."""
    seconds = _whole(headers.get("x-rate-limit-reset"))
    try:
        moment = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return None if moment is None else _within_reason(moment + _clocks_apart(headers, now), now)


def retry_after_in(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When ``Retry-After`` allows the next call: seconds or a date, if that is in the future."""
    text = headers.get("retry-after")
    if not text:
        return None
    seconds = _whole(text)
    if seconds is not None:
        return _within_reason(now + timedelta(seconds=min(seconds, 7200)), now)
    moment = _date(text)
    return None if moment is None else _within_reason(moment, now)


def _clocks_apart(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How much later it is here than at Procore, where that is more than an answer takes."""
    there = _date(headers.get("date") or "")
    apart = timedelta() if there is None else now - there
    return apart if abs(apart) > _TRAVEL else timedelta()


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _others(windows: Mapping[int, Window], limit: int) -> Iterable[Window]:
    return (window for window in windows.values() if window.limit != limit)


def _whole(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def _within_reason(moment: datetime, now: datetime) -> datetime | None:
    """A past moment says nothing; one beyond the longest window is a clock that is wrong."""
    return min(moment, now + LONGEST_PAUSE) if moment > now else None
