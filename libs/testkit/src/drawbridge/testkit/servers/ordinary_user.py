"""Run a program that refuses uid 0 (PostgreSQL does) when we are root, without making an account."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

_NOBODY = 65534
_UNSHARE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


@cache
def _user_namespaces_work() -> bool:
    """True where the kernel lets us look like another user to our child; many container engines forbid it."""
    if shutil.which("unshare") is None:
        return False
    probe = subprocess.run([*_UNSHARE, "true"], check=False, capture_output=True)  # noqa: S603 - a fixed list
    return probe.returncode == 0


def as_ordinary_user(argv: list[str], folder: Path) -> list[str]:
    """``argv``, changed where needed so that it does not run as uid 0 and owns ``folder``."""
    if os.geteuid() != 0:
        return argv
    if _user_namespaces_work():
        return [*_UNSHARE, *argv]
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY)
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *argv]
