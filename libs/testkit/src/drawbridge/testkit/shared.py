"""One server for all worker processes of a test run.

The first process that asks starts the server and owns it; the others get its address. File locks say who
is who, so a process that dies gives up its part at once: the kernel releases its locks.
"""

import fcntl
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from drawbridge.testkit.servers import GivenServer, Server


class SharedServer:
    """A server that processes with the same ``folder`` and ``name`` share."""

    def __init__(self, folder: Path, name: str) -> None:
        self._address = folder / f"{name}.json"
        self._door = (folder / f"{name}.door").open("w")  # held while somebody comes or goes
        self._owner = (folder / f"{name}.owner").open("w")  # held by the owner as long as the server runs
        self._users = (folder / f"{name}.users").open("w")  # held, shared, by everybody else
        self._server: Server | None = None

    async def acquire(self, start: Callable[[], Awaitable[Server]]) -> Server:
        """The shared server; starts it where no other process has."""
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            try:
                fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                fcntl.flock(self._users, fcntl.LOCK_SH)
                return GivenServer(**json.loads(self._address.read_text()))
            self._server = server = await start()
            address = GivenServer(server.url, f"shared: {server.origin}", server.management_url)
            self._address.write_text(json.dumps(asdict(address)))
            return server
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)

    @property
    def owned(self) -> bool:
        """Whether this process started it, and must wait for the others before it ends it."""
        return self._server is not None

    def release(self) -> None:
        """Stop using it. The owner waits for the others, then ends the server."""
        if self._server:
            fcntl.flock(self._door, fcntl.LOCK_EX)
            fcntl.flock(self._users, fcntl.LOCK_EX)
            self._server.close()
        for file in (self._users, self._owner, self._door):
            file.close()
