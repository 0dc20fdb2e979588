"""The retry decision is pure: bounded, spread, and honest about what counts."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.contracts.errors import Ambiguous, Refused, Retryable, Unprocessable, Waiting
from drawbridge.persistence import MAX_ATTEMPTS, Again, GiveUp, Park, next_step
from drawbridge.persistence.retry import DOUBT_DELAY, FIRST_DELAY, LONGEST_DELAY

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _again(error: Exception, attempt: int = 1, seed: int = 0) -> Again:
    step = next_step(error, attempt, NOW, random.Random(seed))
    assert isinstance(step, Again)
    return step


@given(attempt=st.integers(1, MAX_ATTEMPTS - 1), seed=st.integers(0, 10_000))
def test_delay_stays_under_five_seconds_doubling_to_fifteen_minutes(attempt: int, seed: int) -> None:
    delay = _again(Retryable("It timed out."), attempt, seed).at - NOW
    assert timedelta(0) <= delay <= min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1))


def test_jitter_is_full() -> None:
    delays = [(_again(Retryable("x"), 4, seed).at - NOW).total_seconds() for seed in range(1000)]
    assert min(delays) < 1
    assert max(delays) > 39
    assert 18 < sum(delays) / len(delays) < 22


def test_eight_attempts_are_made_and_no_more() -> None:
    steps = [next_step(Retryable("x"), attempt, NOW, random.Random(0)) for attempt in range(1, 10)]
    assert [isinstance(step, Again) for step in steps] == [True] * 7 + [False] * 2
    assert steps[7] == GiveUp(Retryable("x").problem, refused=False)


def test_error_that_names_its_delay_is_believed() -> None:
    delay = _again(Retryable("x", after=timedelta(minutes=30)), attempt=7).at - NOW
    assert timedelta(minutes=30) <= delay <= timedelta(minutes=30, seconds=1)


@pytest.mark.parametrize("attempt", [1, MAX_ATTEMPTS, 100])
def test_waiting_is_no_attempt_and_never_gives_up(attempt: int) -> None:
    step = _again(Waiting("procore_limit", NOW + timedelta(minutes=5)), attempt)
    assert not step.counts
    assert step.problem.code == "procore_limit"
    assert timedelta(minutes=5) <= step.at - NOW <= timedelta(minutes=5, seconds=1)


def test_waiting_until_the_past_is_tried_again_now() -> None:
    assert NOW <= _again(Waiting("down", NOW - timedelta(hours=1))).at <= NOW + timedelta(seconds=1)


def test_doubtful_write_is_left_alone_for_a_minute() -> None:
    step = _again(Ambiguous("The answer never came."))
    assert step.at - NOW >= DOUBT_DELAY
    assert step.counts


def test_refusal_is_never_tried_again() -> None:
    refused = Refused("already_tied", "It is tied.", "Untie it.")
    assert next_step(refused, 1, NOW, random.Random(0)) == GiveUp(refused.problem, refused=True)


def test_unprocessable_parks() -> None:
    error = Unprocessable("no_vault", "There is no such vault.")
    assert next_step(error, 1, NOW, random.Random(0)) == Park(error.problem)


def test_unknown_error_is_tried_again_and_keeps_its_text_to_itself() -> None:
    step = _again(ValueError("password=hunter2"))
    assert step.problem.code == "unexpected"
    assert "ValueError" in step.problem.message
    assert "hunter2" not in step.problem.model_dump_json()
