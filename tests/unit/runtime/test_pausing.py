"""Tries again are spread, and never far apart."""

from drawbridge.runtime import back_off
from drawbridge.runtime.pausing import LONGEST, SHORTEST


def test_back_off_doubles_to_its_limit_and_is_spread() -> None:
    for failures in range(1, 30):
        ceiling = min(LONGEST, SHORTEST * 2 ** (failures - 1))
        waits = [back_off(failures) for _ in range(200)]
        assert all(ceiling / 2 <= wait <= ceiling for wait in waits)
        assert max(waits) - min(waits) > ceiling / 4
