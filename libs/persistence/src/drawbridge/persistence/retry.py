"""What happens after a failed attempt: a pure decision.

8 attempts, 5 s doubling to 15 min, full jitter; waiting for a limit or an outage is no attempt.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from drawbridge.contracts.errors import (
    Ambiguous,
    DrawbridgeError,
    Problem,
    Refused,
    Retryable,
    Unprocessable,
    Waiting,
)

MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
DOUBT_DELAY = timedelta(seconds=60)
"""After an unclear answer nothing is repeated sooner than this (product: "After doubt: wait 60 s")."""


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at this instant. ``counts`` is false where the attempt does not count: it only waited."""

    at: datetime
    problem: Problem
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt: refused, or the last attempt failed."""

    problem: Problem
    refused: bool


@dataclass(frozen=True, slots=True)
class Park:
    """Nobody can handle it; a person decides."""

    problem: Problem


type NextStep = Again | GiveUp | Park


def next_step(error: BaseException, attempt: int, now: datetime, rng: random.Random) -> NextStep:
    """Decide what follows the failed attempt with this number (1 is the first)."""
    problem = problem_of(error)
    match error:
        case Refused():
            return GiveUp(problem, refused=True)
        case Unprocessable():
            return Park(problem)
        case Waiting():
            return Again(max(now, error.until) + _spread(rng), problem, counts=False)
    if attempt >= MAX_ATTEMPTS:
        return GiveUp(problem, refused=False)
    return Again(now + _delay(error, attempt, rng), problem)


def problem_of(error: BaseException) -> Problem:
    """The problem for people; an unknown error tells its kind, never its text (it may hold secrets)."""
    if isinstance(error, DrawbridgeError):
        return error.problem
    return Problem(
        code="unexpected",
        message=f"Something unexpected went wrong ({type(error).__name__}).",
        advice="It is tried again; the service's log has the details under the correlation id.",
    )


def _delay(error: BaseException, attempt: int, rng: random.Random) -> timedelta:
    if isinstance(error, Retryable) and error.after is not None:
        return error.after + _spread(rng)
    ceiling: timedelta = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1))
    jittered = ceiling * rng.random()
    return DOUBT_DELAY + jittered if isinstance(error, Ambiguous) else jittered


def _spread(rng: random.Random) -> timedelta:
    """Up to a second, so that what waited for one instant does not come back all at once."""
    return timedelta(seconds=rng.random())
