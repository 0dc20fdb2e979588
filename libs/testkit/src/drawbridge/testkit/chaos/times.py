"""How long recoveries and orderly stops took (promises R5 and R6)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from drawbridge.testkit.chaos.checker.promise import Promise, p, seconds
from drawbridge.testkit.chaos.faults.fault import Recovery, Stop

LIMITS: dict[Recovery, float] = {"cut": 5, "restart": 10, "half_open": 35}
"""Seconds, 95 % of the times, counted from when the server answers again."""

LONGEST_STOP = 25.0


@dataclass
class Times:
    """Recoveries by kind of fault."""

    _seconds: dict[Recovery, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: Recovery, took: float) -> None:
        """Remember one recovery."""
        self._seconds[kind].append(took)

    def promise(self, ended: Sequence[str], loose: float) -> Promise:
        """R5: p95 of each kind; no process ``ended`` by itself, however badly the servers were treated."""
        figures: dict[str, object] = {"faults": sum(map(len, self._seconds.values()))}
        figures["ended_by_themselves"] = len(ended)
        broken = [f"{each} ended by itself" for each in ended]
        for kind, values in self._seconds.items():
            figures[f"{kind}_p95"] = seconds(p(95, values))
            if kind in LIMITS and p(95, values) > LIMITS[kind] * loose:
                broken.append(f"{kind}: p95 is {p(95, values):.1f} s of {LIMITS[kind]} s")
        return Promise("R5", figures, broken)


def check_restarts(stops: Sequence[Stop], loose: float) -> Promise:
    """R6: every process that was asked to stop did so in time and in good order."""
    ours = [stop for stop in stops if stop.process != "clerk"]
    broken = [f"{stop.process} ended with {stop.exit_code}" for stop in ours if stop.exit_code != 0]
    longest = max((stop.seconds for stop in ours), default=0.0)
    if longest > LONGEST_STOP * loose:
        broken.append(f"a stop took {longest:.1f} s")
    return Promise("R6", {"stops": len(stops), "longest_drain": seconds(longest)}, broken)
