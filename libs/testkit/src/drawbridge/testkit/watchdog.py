"""Clean up after a process that ended without doing it itself, even by SIGKILL.

Run as a script with the standard library only, so that it starts in milliseconds. It reads one JSON
object per line from standard input, which is a pipe that only its owner holds:

* ``{"watch": pid, "signal": n}`` remember a process that leads its own process group
* ``{"forget": pid}``             the owner ended that one itself
* ``{"folder": path}``            remember a folder; ``{"forget_folder": path}`` forgets it
* ``{"container": id, "socket": path}``  remember a container; ``{"forget_container": id}`` forgets it

End of file means that the owner is gone: every group still remembered gets its signal, then SIGKILL,
and every container and folder is removed.
"""

import json
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

_PATIENCE = 3.0  # seconds between a group's own signal and SIGKILL


def _signal_group(pid: int, number: int) -> bool:
    """Signal a process group. False where nothing of it is left."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_groups(groups: dict[int, int]) -> None:
    """Send each group its signal, wait for all of them together, then send SIGKILL to what remains."""
    for pid, number in groups.items():
        _signal_group(pid, number)
    deadline = time.monotonic() + _PATIENCE
    left = set(groups)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {pid for pid in left if _signal_group(pid, 0)}
    for pid in left:
        _signal_group(pid, signal.SIGKILL)


def remove_container(identifier: str, engine: str) -> None:
    """Ask the container engine at the Unix socket ``engine`` to remove a container, running or not."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(engine)
            request = f"DELETE /containers/{identifier}?force=true&v=true HTTP/1.0\r\nHost: engine\r\n\r\n"
            connection.sendall(request.encode())
            connection.recv(1)  # the answer begins when it is done
    except OSError:
        return  # an engine that is gone has no containers


@dataclass
class Remembered:
    """What the owner made and has not removed itself."""

    groups: dict[int, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    containers: dict[str, str] = field(default_factory=dict)

    def obey(self, order: dict[str, str | int]) -> None:
        """Take one order in."""
        match order:
            case {"watch": int(pid), "signal": int(number)}:
                self.groups[pid] = number
            case {"forget": int(pid)}:
                self.groups.pop(pid, None)
            case {"folder": str(path)}:
                self.folders.add(path)
            case {"forget_folder": str(path)}:
                self.folders.discard(path)
            case {"container": str(identifier), "socket": str(engine)}:
                self.containers[identifier] = engine
            case {"forget_container": str(identifier)}:
                self.containers.pop(identifier, None)

    def clean_up(self) -> None:
        """Remove everything that is still remembered."""
        end_groups(self.groups)
        for identifier, engine in self.containers.items():
            remove_container(identifier, engine)
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def follow(orders: TextIO) -> Remembered:
    """Read orders until the owner is gone. Returns what it left behind."""
    remembered = Remembered()
    for line in orders:
        remembered.obey(json.loads(line))
    return remembered


def main() -> None:
    """Wait for the owner's end, then clean up."""
    follow(sys.stdin).clean_up()


if __name__ == "__main__":
    main()
