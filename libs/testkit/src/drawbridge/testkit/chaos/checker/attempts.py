"""R8: retries are bounded, each is counted once, and waits are spread."""

from collections.abc import Iterator
from datetime import datetime

from drawbridge.persistence.retry import FIRST_DELAY, LONGEST_DELAY, MAX_ATTEMPTS
from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.stack.doors import Json

_JITTERED = ("procore_error", "procore_unreachable")
"""What is tried again after the usual back-off; other waits have times of their own."""


def check_attempts(seen: Seen) -> Promise:
    """R8: nothing was tried more often than it may be, no try is counted twice, and waits are spread."""
    requests = [each for page in seen.requests.values() for each in page]
    attempts = [0, *(each["attempts"] for each in seen.operations.values())]
    broken: list[str] = []
    for each in requests:
        numbers = [one["number"] for one in each["attempts"]]
        attempts += numbers
        if len(set(numbers)) < len(numbers):
            broken.append(f"request {each['id']} counts a try twice: {numbers}")
    if max(attempts) > MAX_ATTEMPTS:
        broken.append(f"{max(attempts)} attempts")
    parts = [part for each in requests for part in _parts(each)]
    if any(part > 1.0 for part in parts):
        broken.append(f"a wait of {max(parts):.2f} times the longest")
    figures: dict[str, object] = {"retried": sum(number > 1 for number in attempts)}
    figures |= {"max_attempts": max(attempts), "limit": MAX_ATTEMPTS}
    if parts:
        figures["waits"] = f"{min(parts):.2f}..{max(parts):.2f}"
    return Promise("R8", figures, broken)


def _parts(request: Json) -> Iterator[float]:
    """Which part of the longest wait that it may have each try got: full jitter gives any from 0 to 1."""
    for one in request["attempts"]:
        if one["next_at"] and one["problem"] and one["problem"]["code"] in _JITTERED:
            longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (one["number"] - 1))
            wait = datetime.fromisoformat(one["next_at"]) - datetime.fromisoformat(one["at"])
            yield wait / longest
