"""Rate limits: a burst of ten seconds' worth, a steady rate after it, each caller for itself."""

from drawbridge.gateway.domain.rate_limit import RateLimit


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    limit = RateLimit(2)
    assert [limit.wait("anna", 0.0) for _ in range(20)] == [0.0] * 20
    assert limit.wait("anna", 0.0) == 0.5
    assert limit.wait("anna", 0.5) == 0.0
    assert limit.wait("anna", 0.5) > 0


def test_one_caller_does_not_use_up_another_ones() -> None:
    limit = RateLimit(0.1)
    assert limit.wait("anna", 0.0) == 0.0
    assert limit.wait("anna", 0.0) > 0
    assert limit.wait("ben", 0.0) == 0.0


def test_idle_callers_are_forgotten_and_busy_ones_are_not() -> None:
    limit = RateLimit(0.1)
    for number in range(10_000):
        limit.wait(str(number), 0.0)
    limit.wait("busy", 100.0)
    for number in range(20_000, 29_999):
        limit.wait(str(number), 100.0)
    limit.wait("one more", 105.0)
    assert limit.wait("busy", 105.0) > 0
