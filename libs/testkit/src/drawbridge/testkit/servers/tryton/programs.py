"""Tryton's installed programs, and empty books with its modules."""

import os
import subprocess
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError

HOME = Path(".tools/tryton")
USER = "admin"
PASSWORD = "made-up-and-long-enough"  # noqa: S105  of throwaway books
MODULES = ("account_invoice", "account_payment", "account_payment_clearing")


def program(name: str) -> Path:
    """One of Tryton's programs. Raises ServerError where they are not installed."""
    found = (HOME / "bin" / name).absolute()
    if not found.is_file():
        raise ServerError(f"Tryton is not installed in {HOME}. Run: make test-tryton")
    return found


def environment() -> dict[str, str]:
    """What its programs need of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def in_memory() -> Path | None:
    """A folder in memory, where there is one: Tryton waits for the disk at each of its many small commits."""
    folder = Path("/dev/shm")  # noqa: S108  a private folder is made in it
    return folder if folder.is_dir() else None


def write_settings(folder: Path, port: int) -> Path:
    """Let it listen on loopback and keep all books in ``folder``."""
    path = folder / "trytond.conf"
    path.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n"
        "[session]\nauthentications = password\ntimeout = 86400\n"
    )
    return path


def fresh_books(folder: Path, name: str) -> Path:
    """Make books with all modules in ``folder``: half a minute of work. Raises ServerError."""
    books = folder / f"{name}.sqlite"
    books.touch()
    password = folder / "password"
    password.write_text(PASSWORD)
    settings = write_settings(folder, 0)
    argv = [str(program("trytond-admin")), "-c", str(settings), "-d", name, "--all", "-u", *MODULES]
    argv += ["--activate-dependencies", "--email", "clerk@example.com", "-l", "en"]
    done = subprocess.run(  # noqa: S603 - our own list, no shell
        argv,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment() | {"TRYTONPASSFILE": str(password)},
    )
    password.unlink()
    if done.returncode != 0:
        raise ServerError(f"trytond-admin failed: {done.stderr.strip()[-1000:]}")
    return books
