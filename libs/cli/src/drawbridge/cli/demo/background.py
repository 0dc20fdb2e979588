"""A stack that stays when the command is gone: begin it, find it, end it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from drawbridge.testkit.stack import StackInfo

START_SECONDS = 180
STOP_SECONDS = 60


class StackUnavailableError(RuntimeError):
    """The stack did not start or stop; the message says where to look."""


def running_stack(folder: Path) -> StackInfo | None:
    """The stack that is held in the background, if one is."""
    try:
        info = StackInfo.read(folder / "stack.json")
        os.kill(info.pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return info


def begin(folder: Path, progress: Callable[[str], None]) -> StackInfo:
    """Start a holder and wait until its stack is ready. Raises StackUnavailableError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stack.json").unlink(missing_ok=True)
    log = folder / "holder.log"
    with log.open("wb") as output:
        holder = subprocess.Popen(  # noqa: S603  # our own module, no shell
            [sys.executable, "-m", "drawbridge.cli.demo.holder", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    told = 0
    while time.monotonic() < deadline:
        lines = log.read_text(errors="replace").splitlines()
        for line in lines[told:]:
            progress(line)
        told = len(lines)
        if info := running_stack(folder):
            return info
        if holder.poll() is not None:
            raise StackUnavailableError(f"The stack did not start; see {log}.")
        time.sleep(0.2)
    holder.terminate()
    raise StackUnavailableError(f"The stack was not ready within {START_SECONDS} seconds; see {log}.")


def end(folder: Path) -> bool:
    """Stop the stack in the background; False where none runs. Raises StackUnavailableError."""
    info = running_stack(folder)
    if info is None:
        return False
    os.kill(info.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running_stack(folder) is not None:
        if time.monotonic() > deadline:
            raise StackUnavailableError(f"Process {info.pid} did not stop within {STOP_SECONDS} seconds.")
        time.sleep(0.1)
    return True
