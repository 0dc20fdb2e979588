"""Leave nothing behind: every process and folder made here is known to a watchdog.

The watchdog (`drawbridge.testkit.watchdog`) is one small process per Python process, started on first
use. It notices this process's end through a pipe, so it also works when this process is killed.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from drawbridge.testkit import watchdog


@cache
def _pipe_to_watchdog(owner: int) -> int:
    """Start the watchdog of the process ``owner`` and return the pipe to it.

    `os.posix_spawn` keeps no object for the child: the watchdog must outlive us, so nobody waits for it.
    """
    del owner  # only the cache's key: a forked child needs a watchdog of its own
    reading, writing = os.pipe()
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", watchdog.__file__],
        {"PATH": os.defpath},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, reading, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,
    )
    os.close(reading)
    return writing


def _order(**fields: int | str) -> None:
    """Tell the watchdog one thing; a line is far below the size that a pipe writes in one piece."""
    os.write(_pipe_to_watchdog(os.getpid()), json.dumps(fields).encode() + b"\n")


class Child:
    """A process that leads its own group, writes to a log file and never outlives us.

    ``last_signal`` is what the watchdog sends first if we die; `signal.SIGKILL` unless the program
    needs a moment to remove what it keeps in the kernel (PostgreSQL's shared memory).
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        last_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.log = log
        self._last_signal = last_signal
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own argument lists, no shell
                list(argv),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _order(watch=self.pid, signal=int(last_signal))

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Signal the process alone, if it still runs."""
        self._process.send_signal(number)

    def end(self, first: signal.Signals | None = None, patience: float = 10.0) -> int:
        """End the whole group and return the exit code.

        Sends ``first`` (or the last signal) to the process, waits ``patience`` seconds, then kills the group.
        """
        self.send(first or self._last_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        _order(forget=self.pid)
        return code

    def log_tail(self, lines: int = 30) -> str:
        """The last lines of the log, for error messages."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) or "(empty log)"


def watch_container(identifier: str, engine: str) -> None:
    """Have a container removed when this process is gone; ``engine`` is the path of the engine's socket."""
    _order(container=identifier, socket=engine)


def forget_container(identifier: str) -> None:
    """The container was removed in good order."""
    _order(forget_container=identifier)


def throwaway_folder(name: str, parent: Path | None = None) -> Path:
    """Make a private folder that is removed at the latest when this process is gone."""
    folder = Path(tempfile.mkdtemp(prefix=f"drawbridge-{name}-", dir=parent))
    _order(folder=str(folder))
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a throwaway folder now."""
    shutil.rmtree(folder, ignore_errors=True)
    _order(forget_folder=str(folder))
