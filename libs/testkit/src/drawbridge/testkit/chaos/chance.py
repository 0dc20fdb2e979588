"""Chance that a seed repeats."""

from random import Random


def seeded(seed: int, part: str) -> Random:
    """The chance of one part of a run: the same for the same seed, whatever the other parts draw."""
    return Random(f"{seed} {part}")  # noqa: S311  # must repeat, guards nothing
