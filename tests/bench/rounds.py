"""Rounds that take turns, so that a busy minute of the machine falls on all sides alike."""

import gc
from collections.abc import Awaitable, Callable, Mapping

type Round = Callable[[], Awaitable[float]]
"""Measures once; gives a figure such as messages per second."""


async def take_turns(rounds: int, sides: Mapping[str, Round]) -> dict[str, list[float]]:
    """Measure each side so many times, in turns; gives each side's figures."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            gc.collect()
            figures[name].append(await side())
    return figures
