"""Several chaos runs are summed up so that nothing bad is averaged away."""

import pytest

from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.summary import seeds_of, sum_up


def test_counts_are_added_and_measures_are_the_worst() -> None:
    first = [Promise("R1", {"accepted": 5, "lost": 0}), Promise("R7", {"in": "99/s", "p99": "0.10s"})]
    second = [
        Promise("R1", {"accepted": 7, "lost": 1}, ["message x"]),
        Promise("R7", {"in": "80/s", "p99": "0.30s"}),
        Promise("R8", {"retried": 1, "waits": "0.20..0.91"}),
        Promise("R9", {"effects": 1, "replayed": "nothing"}),
    ]
    summed = sum_up([first, second])
    assert [str(each) for each in summed] == [
        "R1 accepted=12 lost=1",
        "R7 in=80/s p99=0.30s",
        "R8 retried=1",
        "R9 effects=1",
    ]
    assert summed[0].broken == ["message x"]


def test_seeds_are_named_one_by_one_or_from_to() -> None:
    assert seeds_of("1-3") == [1, 2, 3]
    assert seeds_of("4, 8-9") == [4, 8, 9]
    with pytest.raises(ValueError, match="all"):
        seeds_of("all")
