"""One of our services as a process of its own: start it, see it ready, stop it well or badly."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from drawbridge.testkit.leftovers import Child
from drawbridge.testkit.ports import wait_until
from drawbridge.testkit.servers.ready import answers_http

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


class ServiceError(RuntimeError):
    """A service did not become ready; the message carries the end of its log."""


class ServiceProcess:
    """A service process, ready when ``http://127.0.0.1:PORT/readyz`` answers 200.

    ``env`` is all that the service sees, but for PATH and the like: nothing of the machine leaks in.
    It never outlives the process that made it.
    """

    def __init__(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], log_path: Path, *, port: int
    ) -> None:
        self.name = name
        self.log_path = log_path
        self.url = f"http://127.0.0.1:{port}"
        self._argv = list(argv)
        self._env = {key: os.environ[key] for key in _INHERITED if key in os.environ} | dict(env)
        self._child: Child | None = None
        self.extra: dict[str, str] = {}
        """Added to the environment from the next start on."""

    @property
    def pid(self) -> int | None:
        """The process id, or None while it is not started."""
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """The exit code of a process that ended by itself; None while it runs or is not started."""
        return self._child.exit_code if self._child else None

    def log_tail(self, lines: int = 30) -> str:
        """The last lines that it logged."""
        return self._child.log_tail(lines) if self._child else "(not started)"

    def launch(self) -> None:
        """Start it without waiting. Raises ServiceError where it already runs."""
        if self._child and self._child.exit_code is None:
            raise ServiceError(f"{self.name} already runs as process {self._child.pid}.")
        self._child = Child(self._argv, env=self._env | self.extra, log=self.log_path, cwd=Path.cwd())

    def _ended(self) -> str | None:
        return None if self.exit_code is None else f"It ended with exit code {self.exit_code}."

    async def ready(self, *, seconds: float = 30) -> None:
        """Wait until it is ready. Raises ServiceError with the end of its log."""
        try:
            await wait_until(lambda: answers_http(f"{self.url}/readyz"), seconds=seconds, failed=self._ended)
        except TimeoutError as error:
            tail = f"Log ({self.log_path}):\n{self.log_tail()}"
            raise ServiceError(f"{self.name} did not become ready. {error}\n{tail}") from error

    async def start(self, *, seconds: float = 30) -> None:
        """Start it and wait until it is ready. Raises ServiceError and leaves nothing running otherwise."""
        self.launch()
        try:
            await self.ready(seconds=seconds)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash would."""
        if self._child:
            self._child.end(signal.SIGKILL)
            self._child = None

    async def terminate(self, *, seconds: float = 30) -> int:
        """Ask it to stop (SIGTERM) and return its exit code; -9 means that the time was not enough."""
        if self._child is None:
            return 0
        child, self._child = self._child, None
        return await asyncio.to_thread(child.end, signal.SIGTERM, seconds)

    async def restart(self, *, kill: bool = False, seconds: float = 30) -> None:
        """Stop it well, or badly, and start it again."""
        if kill:
            self.kill()
        else:
            await self.terminate(seconds=seconds)
        await self.start(seconds=seconds)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): it keeps its connections and leases, and does nothing."""
        if self._child:
            self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on."""
        if self._child:
            self._child.send(signal.SIGCONT)
