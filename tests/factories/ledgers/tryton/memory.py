"""What tests have entered before: a bill costs Tryton a second, to copy a file costs nothing."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from drawbridge.testkit.servers.tryton import TrytonInstance

type Entry = tuple[object, ...]


class Memory:
    """Books by the entries that made them, for as long as one Tryton runs.

    Entries must be told whole: the same ones after each other make the same books, record ids included.
    """

    def __init__(self, server: TrytonInstance, fresh: Path) -> None:
        self.server = server
        self._books: dict[tuple[Entry, ...], tuple[Path, str]] = {(): (fresh, "")}
        self._made: tuple[Entry, ...] = ()

    async def forget(self) -> None:
        """Begin with fresh books."""
        self._made = ()
        await self.server.restore(self._books[()][0])

    async def once(self, entry: Entry, enter: Callable[[], Awaitable[str]]) -> str:
        """Enter it, or bring back the books that it made before; gives what entering gave."""
        self._made = (*self._made, entry)
        if self._made in self._books:
            kept, result = self._books[self._made]
            await self.server.restore(kept)
            return result
        result = await enter()
        kept = self.server.file.with_name(f"kept-{len(self._books)}")
        await self.server.save(kept)
        self._books[self._made] = (kept, result)
        return result
