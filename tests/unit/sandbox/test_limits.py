"""Two windows, and headers for the nearer one."""

from drawbridge.sandbox.procore.limits import Meter, RateLimits


def test_calls_beyond_the_spike_limit_are_refused_until_the_window_ends() -> None:
    meter = Meter(RateLimits(spike=2, hourly=100))
    assert [meter.take(1_000.0), meter.take(1_001.0), meter.take(1_002.0)] == [True, True, False]
    assert meter.headers(1_002.0, refused=True) == {
        "X-Rate-Limit-Limit": "2",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Reset": "1010",
        "Retry-After": "8",
    }
    assert meter.take(1_010.0)


def test_hourly_limit_outlives_spike_windows() -> None:
    meter = Meter(RateLimits(spike=100, hourly=2))
    assert meter.take(1_000.0)
    assert meter.take(1_100.0)
    assert not meter.take(1_200.0)
    assert meter.headers(1_200.0, refused=True)["Retry-After"] == "3400"
    assert meter.take(4_600.0)


def test_headers_describe_the_window_nearer_to_exhaustion() -> None:
    meter = Meter(RateLimits(spike=25, hourly=600))
    meter.take(1_000.0)
    assert meter.headers(1_000.0, refused=False) == {
        "X-Rate-Limit-Limit": "25",
        "X-Rate-Limit-Remaining": "24",
        "X-Rate-Limit-Reset": "1010",
    }


def test_exhausted_limit_opens_again_after_the_ordered_seconds() -> None:
    meter = Meter(RateLimits())
    meter.take(1_000.0)
    meter.exhaust(1_000.0, 4)
    assert not meter.take(1_003.9)
    assert meter.take(1_004.0)
