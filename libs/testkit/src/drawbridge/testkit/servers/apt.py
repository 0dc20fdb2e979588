"""Install a missing server with apt: the last resort, on Debian and Ubuntu as root only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError

_POLICY = Path("/usr/sbin/policy-rc.d")
_OPTIONS = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]


def _can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and Path("/etc/debian_version").exists()


@contextmanager
def _services_stay_off() -> Iterator[None]:
    """Keep the package from starting its machine-wide service, by Debian's own means for that."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed arguments, no shell
        ["apt-get", *arguments],  # noqa: S607 - the distribution's own tool
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )


def apt_install(package: str) -> None:
    """Install a package and say so. Raises ServerError where that is not possible here, or fails."""
    if not _can_install():
        raise ServerError(f"apt-get: {package} can be installed on Debian or Ubuntu as root only")
    sys.stderr.write(f"drawbridge: installing {package} with apt-get, because no other source has it\n")
    with _services_stay_off():
        done = _apt_get("install", *_OPTIONS, package)
        if done.returncode != 0:  # most often the package lists are missing or old
            _apt_get("update")
            done = _apt_get("install", *_OPTIONS, package)
    if done.returncode != 0:
        raise ServerError(f"apt-get: installing {package} failed: {done.stderr.strip()[-500:]}")
