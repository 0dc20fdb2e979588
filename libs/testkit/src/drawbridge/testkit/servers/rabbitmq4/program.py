"""A RabbitMQ 4 of Debian's next release that runs on this one, without installing it.

Its programs need their own C library, so they see their own ``/usr`` and the machine's everything else:
each start makes a private mount namespace, which is gone with the process.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.rabbitmq4.private_apt import download, unpack

_SUITE = "trixie"
# Debian takes the shell and its tools for granted, so RabbitMQ's package does not name them.
_PACKAGES = ("rabbitmq-server", "dash", "coreutils", "sed", "grep", "hostname")
_PROGRAMS = {"rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server", "epmd": "/usr/bin/epmd"}


def _enter(usr: Path) -> list[str]:
    """The start of a command that sees ``usr`` as its /usr; as an ordinary user by a user namespace."""
    step_in = 'mount --rbind "$0" /usr && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", step_in, str(usr)]


def _write_starters(folder: Path, usr: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, inside in _PROGRAMS.items():
        starter = folder / name
        starter.write_text(f'#!/bin/sh\nexec {shlex.join([*_enter(usr), inside])} "$@"\n')
        starter.chmod(0o755)


def _check(usr: Path) -> None:
    """Start Erlang once. Raises ServerError where the kernel or the container forbids it."""
    argv = [*_enter(usr), "/usr/bin/erl", "-noshell", "-eval", "halt()."]
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)  # noqa: S603 - our own list, no shell
    except FileNotFoundError as error:
        raise ServerError("unshare (package util-linux) is not installed.") from error
    if done.returncode != 0:
        raise ServerError(f"its programs do not start in a mount namespace: {done.stderr.strip()[-300:]}")


def ready_program(home: Path) -> Path:
    """The ``rabbitmq-server`` to start, with an ``epmd`` beside it. Raises ServerError.

    About 66 MB are fetched the first time; the folder ``home`` holds all of it and may be deleted.
    """
    root, starters = home / "root", home / "bin"
    if not (starters / "rabbitmq-server").is_file():  # written last, so a broken attempt is made anew
        sys.stderr.write(f"drawbridge: fetching RabbitMQ 4 of Debian {_SUITE} into {home}\n")
        shutil.rmtree(root, ignore_errors=True)
        for archive in download(_SUITE, _PACKAGES, home / "apt"):
            unpack(archive, root)
        _check(root / "usr")
        shutil.rmtree(home / "apt")
        _write_starters(starters, root / "usr")
    return starters / "rabbitmq-server"
