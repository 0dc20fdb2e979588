"""When PostgreSQL should look at its tables again: a plan that suits an empty table ruins a full one."""

from collections import Counter


class Growth:
    """Counts the rows that are stored, by table."""

    def __init__(self) -> None:
        self._stored: Counter[str] = Counter()
        self._looked: Counter[str] = Counter()

    def grown(self, **more: int) -> list[str]:
        """Add what was stored; gives the tables that hold four times as much as when they were given last."""
        self._stored.update(more)
        tables = [each for each, many in self._stored.items() if many and many >= 4 * self._looked[each]]
        self._looked.update({each: self._stored[each] - self._looked[each] for each in tables})
        return tables
