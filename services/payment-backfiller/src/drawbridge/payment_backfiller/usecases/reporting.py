"""What a run did, in counts and sentences for people."""

from collections import Counter
from dataclasses import dataclass, field

from drawbridge.payment_backfiller.store.write_tables import RunRow

LONGEST_LOG = 200
"""Lines that a run keeps; the counts are always complete."""

LONGEST_REPORT = 10_000
"""Lines that a dry run keeps: it is asked for to be read."""


@dataclass
class Report:
    """Counts by stable names, and one line for each thing that a person may want to see."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add_to(self, run: RunRow) -> None:
        """Add it to what the run has done so far."""
        run.counts = dict(Counter(run.counts) + self.counts)
        add_to_log(run, *self.lines)


def add_to_log(run: RunRow, *lines: str) -> None:
    """Keep the last lines."""
    longest = LONGEST_REPORT if run.dry_run else LONGEST_LOG
    run.log = [*run.log, *lines][-longest:]
