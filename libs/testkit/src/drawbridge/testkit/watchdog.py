"""Clean up after a process that ended without doing it itself, even by SIGKILL.

Run as a script with the standard library only, so that it starts in milliseconds. It reads one JSON
object per line from standard input, which is a pipe that only its owner holds:

* ``{"watch": pid, "signal": n}`` remember a process that leads its own process group
* ``{"forget": pid}``             the owner ended that one itself
* ``{"folder": path}``            remember a folder; ``{"forget_folder": path}`` forgets it

End of file means that the owner is gone: every group still remembered gets its signal, then SIGKILL,
and every folder is removed.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
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


def follow(orders: TextIO) -> tuple[dict[int, int], list[str]]:
    """Read orders until the owner is gone. Returns the groups and the folders that it left behind."""
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in orders:
        order = json.loads(line)
        if "watch" in order:
            groups[order["watch"]] = order["signal"]
        if "forget" in order:
            groups.pop(order["forget"], None)
        if "folder" in order:
            folders.append(order["folder"])
        if "forget_folder" in order:
            with contextlib.suppress(ValueError):
                folders.remove(order["forget_folder"])
    return groups, folders


def main() -> None:
    """Wait for the owner's end, then clean up."""
    groups, folders = follow(sys.stdin)
    end_groups(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
