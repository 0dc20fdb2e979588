"""Whoever guesses credentials is slowed down; who has shown a valid one is not, at whatever address."""

from hashlib import sha256

from drawbridge.gateway.domain.rate_limit import RateLimit

_PER_SECOND = 1.0
"""Failures of one client address that are answered as such; after a pause ten of them at once."""
_TRUSTED_SECONDS = 3600.0
_MOST_TRUSTED = 10_000


class Guessing:
    """Failed credentials per client address. Per process, and forgotten with it.

    A valid credential is known again by its hash for an hour, so that a guesser behind the same proxy locks
    nobody out.
    """

    def __init__(self, per_second: float = _PER_SECOND) -> None:
        self._failures = RateLimit(per_second)
        self._trusted: dict[bytes, float] = {}

    def wait(self, address: str, credential: str, now: float) -> float:
        """The seconds until the address may try an unknown credential; 0 if it may now."""
        if self._trusted.get(_hash(credential), 0.0) > now:
            return 0.0
        return self._failures.wait(address, now, take=0.0)

    def failed(self, address: str, now: float) -> None:
        """A credential from there was not valid."""
        self._failures.wait(address, now)

    def succeeded(self, credential: str, now: float) -> None:
        """A credential was valid."""
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted = {known: until for known, until in self._trusted.items() if until > now}
        if len(self._trusted) < _MOST_TRUSTED:
            self._trusted[_hash(credential)] = now + _TRUSTED_SECONDS


def _hash(credential: str) -> bytes:
    return sha256(credential.encode(errors="replace")).digest()
