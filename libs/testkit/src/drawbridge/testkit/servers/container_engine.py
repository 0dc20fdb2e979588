"""Find a container engine that answers, without ever hanging on one that does not."""

import os
import socket
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError

_PING = b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n"
_SECONDS = 2.0


def _candidates() -> list[Path]:
    named = os.environ.get("DOCKER_HOST", "")
    if named:
        return [Path(named.removeprefix("unix://"))] if named.startswith("unix://") else []
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.geteuid()}"))
    own = [
        runtime / "docker.sock",
        runtime / "podman" / "podman.sock",
        Path.home() / ".docker/run/docker.sock",
    ]
    return [Path("/var/run/docker.sock"), *own, Path("/run/podman/podman.sock")]


def answers(path: Path) -> bool:
    """True when an engine behind this Unix socket answers a ping in time."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(path))
            connection.sendall(_PING)
            status_line = connection.recv(64).split(b"\r\n")[0]
            return b" 200 " in status_line
    except OSError:
        return False


def engine_socket() -> Path:
    """The socket of the first engine that answers.

    Raises ServerError where none does. An engine on another machine is not used: its ports are not ours.
    """
    if found := next(filter(answers, _candidates()), None):
        return found
    raise ServerError("container engine: none answers on a local socket")
