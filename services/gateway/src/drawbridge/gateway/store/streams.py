"""Following vaults' events: one listening connection for a whole process, and the latest events in memory."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.domain.refusals import TooMany
from drawbridge.gateway.store.events import CHANNEL, NumberedEvent, events_after, last_numbers
from drawbridge.persistence import Database, Listener

_KEPT = 1000
"""Events of a vault that are kept in memory for its listeners; who is further behind reads from the table."""
_PAGE = 500
_HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener gets at once: events, and the number of the last one heard.

    ``broken``: events before ``number`` can no longer be told, so everything must be read again.
    """

    number: int
    events: Sequence[NumberedEvent] = ()
    broken: bool = False


@dataclass
class _Tail:
    """The end of one vault's stream, while somebody listens to it."""

    last: int
    latest: deque[NumberedEvent] = field(default_factory=lambda: deque(maxlen=_KEPT))
    listeners: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, events: list[NumberedEvent]) -> None:
        """Take in what is new, and wake the listeners."""
        self.latest.extend(events)
        self.last = events[-1].number
        self.wake()

    def wake(self) -> None:
        """Let every listener look again."""
        self.moved.set()
        self.moved = asyncio.Event()

    def after(self, number: int) -> list[NumberedEvent] | None:
        """What came after it; None when that is no longer in memory."""
        missing = self.last - number
        if missing > len(self.latest):
            return None
        return list(islice(self.latest, len(self.latest) - missing, None))


class VaultStreams:
    """The component that hears of new events and hands them to this process's listeners."""

    name = "events"

    def __init__(self, database: Database, *, most_per_caller: int = 20) -> None:
        self._database = database
        self._most_per_caller = most_per_caller
        self._tails: dict[str, _Tail] = {}
        self._open: Counter[str] = Counter()
        self._listener: Listener | None = None
        self._ending = asyncio.Event()

    def ready(self) -> bool:
        """True while the connection listens."""
        return self._listener is not None

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop`` is set, then end all streams; a lost connection is raised."""
        try:
            async with Listener(self._database, CHANNEL) as self._listener:
                while not stop.is_set():
                    await self._read_new()
                    await self._listener.wait(stop)
        finally:
            self._listener = None
            if stop.is_set():
                self._ending.set()
                for tail in self._tails.values():
                    tail.wake()

    def require_place(self, caller: str) -> None:
        """Make sure that the caller may open one more stream.

        Raises:
            TooMany: when the caller has too many open.
        """
        if self._open[caller] >= self._most_per_caller:
            raise TooMany(
                5,
                f"{caller} has {self._most_per_caller} event streams open already.",
                "Close one of them, or share one between the windows of a browser.",
            )

    @contextmanager
    def counted(self, caller: str) -> Iterator[None]:
        """Count a stream while it is open."""
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

    async def follow(self, vault_id: str, after: int | None) -> AsyncIterator[Heard]:
        """The vault's events after a number, or from now on; ends when the process stops.

        The first thing heard tells the number where the stream begins; nothing for a while is heard, too.
        """
        tail = await self._tail(vault_id)
        tail.listeners += 1
        try:
            known = after is None or after <= tail.last or after <= await self._newest(vault_id)
            number = tail.last if after is None or not known else after
            yield Heard(number)
            if not known:
                yield Heard(number, broken=True)
            while not self._ending.is_set():
                moved = tail.moved
                if number >= tail.last:
                    await _either(moved, _HEARTBEAT_SECONDS)
                heard = await self._next(vault_id, tail, number) if number < tail.last else Heard(number)
                number = heard.number
                if heard.events or heard.broken or not moved.is_set():
                    yield heard
        finally:
            tail.listeners -= 1
            if not tail.listeners and self._tails.get(vault_id) is tail:
                del self._tails[vault_id]

    async def _next(self, vault_id: str, tail: _Tail, number: int) -> Heard:
        """What follows the number, up to the tail's end; it is a break where the next one is gone."""
        last = tail.last
        events = tail.after(number)
        if events is None:
            async with self._database.reading() as session:
                found = await events_after(session, vault_id, number, _PAGE)
            events = [each for each in found if each.number <= last]
        if not events or events[0].number != number + 1:
            return Heard(last, broken=True)
        return Heard(events[-1].number, events)

    async def _newest(self, vault_id: str) -> int:
        """The last number that was given; another process may have told it before this one heard of it."""
        async with self._database.reading() as session:
            return (await last_numbers(session, [vault_id])).get(vault_id, 0)

    async def _tail(self, vault_id: str) -> _Tail:
        if vault_id not in self._tails:
            async with self._database.reading() as session:
                last = await last_numbers(session, [vault_id])
            self._tails.setdefault(vault_id, _Tail(last.get(vault_id, 0)))
            if self._listener is not None:
                self._listener.wake()
        return self._tails[vault_id]

    async def _read_new(self) -> None:
        """One look for all vaults that somebody listens to."""
        if not self._tails:
            return
        async with self._database.reading() as session:
            last = await last_numbers(session, list(self._tails))
            for vault_id, number in last.items():
                await self._catch_up(session, vault_id, number)

    async def _catch_up(self, session: AsyncSession, vault_id: str, number: int) -> None:
        tail = self._tails.get(vault_id)
        while tail is not None and tail.last < number:
            events = await events_after(session, vault_id, tail.last, _PAGE)
            if not events:
                return
            tail.add(events)


async def _either(moved: asyncio.Event, seconds: float) -> None:
    """Wait until it moves, but no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await moved.wait()
    except TimeoutError:
        return
