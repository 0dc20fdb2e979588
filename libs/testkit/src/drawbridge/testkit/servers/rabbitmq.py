"""A private RabbitMQ from installed programs: own folder, own epmd, loopback only."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

from drawbridge.testkit.leftovers import Child, remove_folder, throwaway_folder
from drawbridge.testkit.ports import free_port, wait_until
from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.ready import answers_management, speaks_amqp


def installed_program() -> Path | None:
    """The real ``rabbitmq-server``, where epmd is there too.

    Never the wrapper on PATH: it switches user, insists on the machine's data folder and leaves an epmd
    behind that listens on every address.
    """
    homes = [*Path("/usr/lib/rabbitmq/lib").glob("*/sbin"), *Path("/opt/homebrew/opt/rabbitmq").glob("sbin")]
    homes += [Path("/usr/lib/rabbitmq/bin"), *Path("/opt").glob("rabbitmq*/sbin")]
    found = next((home / "rabbitmq-server" for home in homes if (home / "rabbitmq-server").is_file()), None)
    return found if found and shutil.which("epmd") else None


def _epmd(program: Path) -> str:
    """The port mapper that belongs to ``program``: the one beside it, or the one on PATH."""
    beside = program.with_name("epmd")
    return str(beside) if beside.is_file() else "epmd"


class RabbitInstance:
    """One throwaway broker on free loopback ports, user ``guest`` with password ``guest``."""

    def __init__(self, program: Path, origin: str, *, management: bool = False) -> None:
        self.origin = origin
        self._program = program
        self._port, self._distribution_port, self._epmd_port = free_port(), free_port(), free_port()
        self._management_port = free_port() if management else None
        self._folder = throwaway_folder("rabbitmq")
        self._children: list[Child] = []
        self._write_configuration()

    @property
    def url(self) -> str:
        """The default vhost's URL."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    @property
    def management_url(self) -> str | None:
        """The HTTP API, if asked for."""
        return f"http://guest:guest@127.0.0.1:{self._management_port}" if self._management_port else None

    def _write_configuration(self) -> None:
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self._port}",
            "loopback_users = none",
            "disk_free_limit.absolute = 100MB",
            "vm_memory_high_watermark.absolute = 2GB",
            "log.file = false",
            "log.console = true",
            "log.console.level = warning",
        ]
        plugins = ""
        if self._management_port:
            plugins = "rabbitmq_management"
            lines += ["management.tcp.ip = 127.0.0.1", f"management.tcp.port = {self._management_port}"]
        (self._folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self._folder / "plugins").write_text(f"[{plugins}].\n")
        (self._folder / "environment").write_text("")
        (self._folder / "advanced.config").write_text("[].\n")

    def _environment(self) -> dict[str, str]:
        """Everything named, so that nothing of the machine's own broker is read or written."""
        folder = self._folder
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": str(folder / "expanded"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the broker instead of its parent
        }

    async def _ready(self) -> bool:
        if not await speaks_amqp(self._port):
            return False
        return self.management_url is None or await answers_management(self.management_url)

    async def start(self) -> None:
        """Start on the own ports and wait until the broker answers a real greeting."""
        environment, log = self._environment(), self._folder / "rabbitmq.log"
        epmd = [_epmd(self._program), "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        broker_argv = [str(self._program)]
        # An epmd of our own: without one Erlang starts a daemon that outlives the broker.
        self._children.append(Child(epmd, env=environment, log=log))
        broker = Child(broker_argv, env=environment, log=log, cwd=self._folder)
        self._children.append(broker)
        try:
            await wait_until(
                self._ready,
                seconds=90,
                failed=lambda: None if broker.exit_code is None else "RabbitMQ ended.",
            )
        except TimeoutError as error:
            raise ServerError(
                f"RabbitMQ ({self.origin}) did not start. {error}\n{broker.log_tail()}"
            ) from error

    def _end(self, first: signal.Signals) -> None:
        while self._children:  # the broker before its epmd
            self._children.pop().end(first)

    async def stop(self, *, kill: bool = False) -> None:
        """Stop in good order (a few seconds), or with SIGKILL as a crash would.

        RabbitMQ writes down a new quorum queue's name half a second later. A queue declared within a
        second before a kill exists after the restart, but never answers: wait a second before you kill.
        """
        await asyncio.to_thread(self._end, signal.SIGKILL if kill else signal.SIGTERM)

    async def restart(self, *, kill: bool = False) -> None:
        """Stop and start on the same ports with the same data."""
        await self.stop(kill=kill)
        await self.start()

    def close(self) -> None:
        """End it at once and remove its folder."""
        self._end(signal.SIGKILL)
        remove_folder(self._folder)
