"""Rate limits per caller: a bucket of requests that refills steadily. Per process, and forgotten with it."""

from dataclasses import dataclass

_BURST_SECONDS = 10.0
_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """Lets each caller ask so often a second, and after a pause ten seconds' worth at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = per_second * _BURST_SECONDS
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, caller: str, now: float, *, take: float = 1.0) -> float:
        """Take one request; gives 0, or the seconds until the caller may ask again. ``take=0`` only looks."""
        bucket = self._buckets.get(caller) or self._add(caller, now)
        bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= take
        return 0.0

    def _add(self, caller: str, now: float) -> _Bucket:
        if len(self._buckets) >= _MOST_BUCKETS:
            idle = now - _BURST_SECONDS
            self._buckets = {name: each for name, each in self._buckets.items() if each.at > idle}
        return self._buckets.setdefault(caller, _Bucket(self._most, now))
