"""The plan of faults: the same seed gives the same faults, in the same order, for the same time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from drawbridge.testkit.chaos.chance import seeded
from drawbridge.testkit.chaos.faults import FAULTS


@dataclass(frozen=True)
class Step:
    """Wait ``pause`` seconds, then let the fault last ``seconds``."""

    pause: float
    fault: str
    seconds: float


def plan(seed: int, names: Sequence[str]) -> Iterator[Step]:
    """Steps without end: every fault once in a random order, then all again.

    Raises:
        KeyError: for a name that the catalogue does not have.
    """
    chance = seeded(seed, "plan")
    while True:
        for name in chance.sample(names, len(names)):
            fault = FAULTS[name]
            seconds = chance.uniform(fault.shortest, fault.longest)
            yield Step(chance.uniform(0.5, 2.0), name, seconds)


def chosen(words: Sequence[str]) -> list[str]:
    """The names of faults that a list of families and names means; all where it is empty.

    Raises:
        ValueError: for a word that is neither.
    """
    names = [name for name, fault in FAULTS.items() if not words or {name, fault.family} & set(words)]
    known = set(FAULTS) | {fault.family for fault in FAULTS.values()}
    if unknown := set(words) - known:
        raise ValueError(f"No fault and no family is called {', '.join(sorted(unknown))}.")
    return names


def first_steps(seed: int, names: Sequence[str], number: int) -> list[Step]:
    """The beginning of a plan."""
    return list(islice(plan(seed, names), number))
