"""What a run did, in counts and sentences for people."""

from collections import Counter
from dataclasses import dataclass, field

LONGEST_LOG = 200
"""Lines that a run keeps; the counts are always complete."""


@dataclass
class Report:
    """Counts by stable names, and one line for each thing that a person may want to see."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Take over what another report says."""
        self.counts.update(other.counts)
        self.lines = [*self.lines, *other.lines][-LONGEST_LOG:]
