"""How far a reader of changes may go on next time, and what a short answer must say of itself."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from drawbridge.ledgers.facts import Unreadable
from drawbridge.ledgers.reading import Read
from drawbridge.ledgers.rows import refused
from drawbridge.ledgers.texts import reported_id

BATCH = 200
"""How many changes one batch tells."""


class Change(NamedTuple):
    """Something that changed: a payment by its id exactly as the ledger has it, and when (UTC)."""

    id: str | None
    stamp: datetime | None
    bill_ids: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[datetime, str]:
        """Oldest first, and what carries no stamp before all."""
        return (self.stamp or datetime.min.replace(tzinfo=UTC), self.id or "")


class Progress:
    """The cursor: up to the latest change, but not past what was unreadable."""

    def __init__(self, cursor: datetime | None) -> None:
        self._latest = cursor
        self._held: datetime | None = None

    def hold(self, stamps: Iterable[datetime]) -> None:
        """Never go past these stamps: what carries them could not be read."""
        self._held = min((*stamps, *([self._held] if self._held else [])), default=None)

    def after(self, batch: Sequence[Change], unreadable: Collection[str]) -> datetime | None:
        """The cursor after these changes, of which those reported under these ids could not be read."""
        for each in batch:
            if each.stamp is None:
                continue
            self._latest = max(self._latest or each.stamp, each.stamp)
            if unreadable and reported_id(each.id) in unreadable:
                self.hold([each.stamp])
        if self._held is None or self._latest is None:
            return self._latest
        return min(self._latest, self._held)


def told[T](read: Read[T], unreadable: list[Unreadable] | None) -> Sequence[T]:
    """Hand over what cannot be read, or refuse: a short answer must not look complete."""
    if read.unreadable and unreadable is None:
        raise refused(read.unreadable[0])
    if unreadable is not None:
        unreadable += [each for each in read.unreadable if each not in unreadable]
    return read.facts
