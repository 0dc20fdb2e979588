"""One promise as it was found: its figures, and what breaks it in words."""

from dataclasses import dataclass, field


@dataclass
class Promise:
    """One line of the report. ``broken`` is empty where the promise was kept."""

    id: str
    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The line."""
        return f"{self.id} " + " ".join(f"{name}={value}" for name, value in self.figures.items())


def seconds(value: float) -> str:
    """Seconds for a report."""
    return f"{value:.2f}s"


def p(percent: float, values: list[float]) -> float:
    """The value below which so many percent of the values are (nearest rank); 0 where there are none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0
