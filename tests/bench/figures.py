"""What a benchmark prints: one line of figures, and notes on how far to trust them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Protocol

SLOW_MACHINE = 0.8
"""Below this part of the reference, the machine was slower or busier than the one that the goals suit."""


@dataclass(frozen=True)
class Reference:
    """What a bare loop did on an idle machine with two cores, all servers on it: per second, and what."""

    per_second: float
    meaning: str


REFERENCES = {
    "intake": Reference(9_693, "batches of 200: inbox, one upsert and one outbox row each, multiple ack"),
    "naive": Reference(1_035, "SQLAlchemy, one transaction for each message, single ack"),
    "relay": Reference(8_057, "publishing to a quorum queue with 500 confirms outstanding"),
}


_FINE = 10
"""Figures with a smaller goal are shown with three decimals."""


class Result(Protocol):
    """Something to print."""

    def lines(self) -> list[str]:
        """The line of figures, and notes where something speaks against them."""
        ...


@dataclass(frozen=True)
class AtMost:
    """A figure that has no bare loop beside it: its bound is the goal, which it should not exceed."""

    name: str
    ours: float
    goal: float
    unit: str
    words: str

    def lines(self) -> list[str]:
        """The line of figures and what they are."""
        ours = f"{self.ours:.1f}" if self.goal >= _FINE else f"{self.ours:.3f}"
        ratio = f"{self.ours / self.goal:.2f}" if self.goal else "-"
        words = f"at most the bound; {self.words}"
        return [f"bench {self.name} ours={ours} bound={self.goal:g} ratio={ratio} unit={self.unit} ({words})"]


@dataclass(frozen=True)
class Figures:
    """The result of one benchmark; ``ours`` and ``bound`` are medians of the rounds."""

    name: str
    ours: Sequence[float]
    bound: Sequence[float]
    goal: float
    unit: str = "messages/s"
    reference: str | None = None

    @property
    def ratio(self) -> float:
        """How much of the bound we reach."""
        return median(self.ours) / median(self.bound)

    def lines(self) -> list[str]:
        """The line of figures, and notes where something speaks against them."""
        ours, bound = median(self.ours), median(self.bound)
        figures = f"ours={ours:.0f} bound={bound:.0f} ratio={self.ratio:.2f} unit={self.unit}"
        line = f"bench {self.name} {figures} goal={self.goal}"
        return [line, *_spread(self.name, self.ours, self.bound), *self._doubts()]

    def _doubts(self) -> list[str]:
        if self.reference is None:
            return []
        usual, bound = REFERENCES[self.reference], median(self.bound)
        if bound >= SLOW_MACHINE * usual.per_second:
            return []
        part = f"{bound / usual.per_second:.2f} of the reference {usual.per_second:.0f}/s"
        return [f"note  {self.name} the bound is {part} ({usual.meaning}): only the ratio counts"]


def _spread(name: str, ours: Sequence[float], bound: Sequence[float]) -> list[str]:
    each = [" ".join(f"{figure:.0f}" for figure in figures) for figures in (ours, bound)]
    return [f"      {name} rounds: ours {each[0]} | bound {each[1]}"]


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest of the values that so many per cent do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * part / 100) - 1)]


def note(name: str, words: str) -> None:
    """Print something that one must know to judge a figure."""
    print(f"note  {name} {words}", flush=True)
