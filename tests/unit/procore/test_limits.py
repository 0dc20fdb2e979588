import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from drawbridge.contracts.errors import Waiting
from drawbridge.procore import RateLimiter, bulk_calls
from tests.factories.procore import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def headers(limit: int, remaining: int, reset: datetime) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(int(reset.timestamp())),
    }


async def test_nothing_waits_before_anything_is_known(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    await limiter.turn()
    assert limiter.waiting_until() is None


async def test_exhausted_window_waits_until_its_reset(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    reset = clock.now + timedelta(minutes=20)
    limiter.saw(headers(600, 0, reset))
    with pytest.raises(Waiting) as caught:
        await limiter.turn()
    assert (caught.value.reason, caught.value.until) == ("procore_limit", reset)
    clock.advance(minutes=20)
    await limiter.turn()


async def test_calls_under_way_count_before_their_answers_come(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    limiter.saw(headers(25, 2, clock.now + timedelta(seconds=10)))
    await limiter.turn()
    await limiter.turn()
    with pytest.raises(Waiting):
        await limiter.turn()


@pytest.mark.parametrize(("share", "calls"), [(0.8, 20), (0.2, 5), (0.01, 1)])
async def test_caller_keeps_to_its_share_of_each_window(clock: Clock, share: float, calls: int) -> None:
    limiter = RateLimiter(share=share, now=clock)
    reset = clock.now + timedelta(seconds=10)
    limiter.saw(headers(25, 24, reset))
    for _ in range(calls - 1):
        await limiter.turn()
    with pytest.raises(Waiting) as caught:
        await limiter.turn()
    assert caught.value.until == reset


async def test_two_windows_are_kept_apart(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    limiter.saw(headers(600, 0, clock.now + timedelta(minutes=30)))
    limiter.saw(headers(25, 20, clock.now + timedelta(seconds=10)))
    assert limiter.waiting_until() == clock.now + timedelta(minutes=30)


async def test_late_answer_does_not_raise_the_budget_again(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    reset = clock.now + timedelta(seconds=10)
    limiter.saw(headers(25, 0, reset))
    limiter.saw(headers(25, 9, reset))
    assert limiter.waiting_until() == reset


async def test_rolling_window_gives_back_the_share_that_it_forgets(clock: Clock) -> None:
    limiter = RateLimiter(share=0.5, now=clock)
    limiter.saw(headers(10, 9, clock.now + timedelta(minutes=60)))
    for _ in range(30):
        clock.advance(minutes=5)
        await limiter.turn()
        limiter.saw(headers(10, 8, clock.now + timedelta(minutes=60)))
    assert limiter.waiting_until() is None


async def test_refusal_waits_for_retry_after_first(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    wait = limiter.refused({"retry-after": "7", **headers(25, 0, clock.now + timedelta(seconds=2))})
    assert wait.until == clock.now + timedelta(seconds=7)


async def test_refusal_without_retry_after_waits_for_the_reset(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    wait = limiter.refused(headers(600, 0, clock.now + timedelta(minutes=11)))
    assert wait.until == clock.now + timedelta(minutes=11)
    with pytest.raises(Waiting):
        await limiter.turn()


async def test_retry_after_may_be_a_date(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    wait = limiter.refused({"retry-after": "Mon, 02 Mar 2026 12:05:00 GMT"})
    assert wait.until == clock.now + timedelta(minutes=5)


@pytest.mark.parametrize("retry_after", ["soon", "-5", "0", "Mon, 02 Mar 2020 12:05:00 GMT"])
async def test_refusals_without_a_usable_time_double_the_wait(clock: Clock, retry_after: str) -> None:
    limiter = RateLimiter(now=clock)
    waits = []
    for _ in range(12):
        wait = limiter.refused({"retry-after": retry_after, "x-rate-limit-reset": "never"})
        waits.append((wait.until - clock.now).total_seconds())
        clock.now = wait.until
    assert all(2 ** min(n, 10) / 2 <= seconds for n, seconds in enumerate(waits[:8], start=1))
    assert max(waits) <= 300


async def test_clock_that_is_wrong_never_waits_longer_than_the_longest_window(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    wait = limiter.refused({"x-rate-limit-reset": "99999999999"})
    assert wait.until == clock.now + timedelta(minutes=65)


async def test_short_wait_is_slept_instead_of_raised() -> None:
    limiter = RateLimiter()
    wait = limiter.refused({"retry-after": "1"})
    await limiter.turn()
    assert datetime.now(wait.until.tzinfo) >= wait.until


async def test_pause_for_maintenance_keeps_its_own_reason(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    limiter.refused({"retry-after": "60"}, "procore_down")
    with pytest.raises(Waiting) as caught:
        await limiter.turn()
    assert caught.value.reason == "procore_down"


@pytest.mark.parametrize("share", [0, -0.5, 1.1])
def test_share_outside_nothing_and_everything_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        RateLimiter(share=share)


async def test_bulk_work_leaves_a_reserve_to_a_person(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    limiter.saw(headers(100, 3, clock.now + timedelta(minutes=20)))
    with bulk_calls(), pytest.raises(Waiting):
        await limiter.turn()
    for _ in range(3):
        await limiter.turn()


async def test_one_call_goes_ahead_alone_until_its_answer_tells_the_limit(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    await limiter.turn()
    others = [asyncio.create_task(limiter.turn()) for _ in range(5)]
    await asyncio.sleep(0)
    assert not any(other.done() for other in others)
    limiter.saw(headers(25, 24, clock.now + timedelta(seconds=10)))
    await asyncio.gather(*others)
    assert [budget.remaining for budget in limiter.budgets()] == [19]


async def test_a_call_without_an_answer_lets_the_next_one_ask(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    await limiter.turn()
    other = asyncio.create_task(limiter.turn())
    limiter.unanswered()
    await other


async def test_without_headers_nothing_is_held_back(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    await limiter.turn()
    limiter.saw({})
    for _ in range(50):
        await limiter.turn()


async def test_bulk_work_in_line_lets_a_person_go_first(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    turns: list[str] = []

    async def call(who: str) -> None:
        await limiter.turn()
        turns.append(who)
        limiter.saw({})

    await limiter.turn()
    with bulk_calls():
        bulk = [asyncio.create_task(call("bulk")) for _ in range(3)]
    await asyncio.sleep(0)
    person = asyncio.create_task(call("person"))
    await asyncio.sleep(0)
    limiter.saw({})
    await asyncio.gather(person, *bulk)
    assert turns[0] == "person"


async def test_a_reset_by_another_clock_is_read_by_ours(clock: Clock) -> None:
    limiter = RateLimiter(now=clock)
    there = clock.now - timedelta(minutes=2)
    limiter.saw({"date": format_datetime(there), **headers(25, 0, there + timedelta(seconds=10))})
    assert limiter.waiting_until() == clock.now + timedelta(seconds=10)
