"""Several runs in one line for each promise: counts added up, times and rates at their worst."""

import re
from collections.abc import Iterable, Sequence

from drawbridge.testkit.chaos.checker.promise import Promise

_NOT_ADDED = ("effects", "limit", "max_attempts", "forced_failures", "failed_tries")
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)(s|/s|)")


def sum_up(runs: Sequence[Iterable[Promise]]) -> list[Promise]:
    """One promise for each id, in the order of the first run that has it."""
    by_id: dict[str, list[Promise]] = {}
    for promises in runs:
        for promise in promises:
            by_id.setdefault(promise.id, []).append(promise)
    return [_summed(name, found) for name, found in by_id.items()]


def _summed(name: str, found: Sequence[Promise]) -> Promise:
    values: dict[str, list[object]] = {}
    for promise in found:
        for figure, value in promise.figures.items():
            values.setdefault(figure, []).append(value)
    together = {figure: _together(figure, each) for figure, each in values.items()}
    figures = {figure: value for figure, value in together.items() if value is not None}
    return Promise(name, figures, [words for promise in found for words in promise.broken])


def _together(figure: str, values: Sequence[object]) -> object:
    """The sum of counts, the longest time, the highest ratio, the lowest rate; None for what is neither."""
    counts = [value for value in values if isinstance(value, int)]
    if len(counts) == len(values):
        return max(counts) if figure in _NOT_ADDED else sum(counts)
    found = [match for value in values if (match := _MEASURE.fullmatch(str(value)))]
    if len(found) < len(values):
        return None
    worst = min if found[0][2] == "/s" else max
    return worst(found, key=lambda match: float(match[1]))[0]


def seeds_of(text: str) -> list[int]:
    """The seeds that ``1-20`` or ``3,5,8-9`` means.

    Raises:
        ValueError: for anything else.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds
