"""A private MariaDB: own folder, loopback only, user root without a password."""

import asyncio
import shutil
import subprocess
from pathlib import Path

from drawbridge.testkit.leftovers import Child, remove_folder, throwaway_folder
from drawbridge.testkit.ports import free_port, wait_until
from drawbridge.testkit.servers.apt import apt_install
from drawbridge.testkit.servers.instance import ServerError, ServersUnavailable
from drawbridge.testkit.servers.ordinary_user import as_ordinary_user

_PACKAGE = "mariadb-server-core"
_TABLES = Path("/usr/share/mysql")
_SYSTEM = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
_HASTY = ("--innodb-flush-log-at-trx-commit=0", "--skip-log-bin")


def installed_program() -> Path | None:
    """The installed ``mariadbd``, if its system tables are there too."""
    found = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/libexec")
    return Path(found) if found and (_TABLES / _SYSTEM[0]).is_file() else None


async def start_mariadb() -> "MariadbInstance":
    """Start an installed one, or install it first on Debian as root. Raises ServersUnavailable."""
    if installed_program() is None:
        try:
            await asyncio.to_thread(apt_install, _PACKAGE)
        except ServerError as error:
            raise ServersUnavailable(f"No MariaDB could be found. {error}\nInstall {_PACKAGE}.") from error
    program = installed_program()
    if program is None:
        raise ServersUnavailable(f"{_PACKAGE} brought no mariadbd that is known where to look for.")
    server = MariadbInstance(program)
    try:
        await server.start()
    except BaseException:
        server.close()
        raise
    return server


class MariadbInstance:
    """One throwaway MariaDB on a free loopback port."""

    management_url = None

    def __init__(self, program: Path) -> None:
        self.origin = f"installed ({program})"
        self._program = program
        self._port = free_port()
        self._folder = throwaway_folder("mariadb")
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The administrator's URL."""
        return f"mysql://root@127.0.0.1:{self._port}/mysql"

    async def start(self) -> None:
        """Start it and wait until it answers; the first time it makes its tables."""
        if not self._data.exists():
            await asyncio.to_thread(self._initialise)
        listen = [f"--port={self._port}", "--bind-address=127.0.0.1", f"--socket={self._folder / 'socket'}"]
        argv = [*self._argv(), *listen, *_HASTY]
        self._child = child = Child(
            as_ordinary_user(argv, self._folder),
            env={"PATH": "/usr/sbin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            log=self._folder / "mariadb.log",
            cwd=self._folder,
        )
        try:
            await wait_until(
                self._answers,
                seconds=60,
                failed=lambda: None if child.exit_code is None else "MariaDB ended.",
            )
        except TimeoutError as error:
            raise ServerError(f"MariaDB did not start. {error}\n{child.log_tail()}") from error

    async def stop(self, *, kill: bool = False) -> None:
        """End it; what was committed is kept."""
        del kill
        if self._child:
            await asyncio.to_thread(self._child.end)
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

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _argv(self) -> list[str]:
        return [str(self._program), "--no-defaults", f"--datadir={self._data}"]

    def _initialise(self) -> None:
        """Make the system tables. Raises ServerError with its own words."""
        self._data.mkdir()
        tables = "".join((_TABLES / name).read_text() for name in _SYSTEM)
        done = subprocess.run(  # noqa: S603 - our own argument list, no shell
            as_ordinary_user([*self._argv(), "--bootstrap"], self._folder),
            check=False,
            capture_output=True,
            text=True,
            input=f"CREATE DATABASE mysql;\nUSE mysql;\n{tables}",
            cwd=self._folder,
        )
        if done.returncode != 0:
            raise ServerError(f"mariadbd --bootstrap failed: {done.stderr.strip()[-500:]}")

    async def _answers(self) -> bool:
        """The server speaks first: its greeting says that it takes connections."""
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                greeting = await reader.read(5)
                writer.close()
                return len(greeting) == 5  # noqa: PLR2004  a header and the protocol's version
        except OSError:
            return False
