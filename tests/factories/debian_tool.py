"""A program of a Debian package, unpacked into .tools and not installed: for checks that need it."""

import shutil
import subprocess
from pathlib import Path

TOOLS = Path(__file__).parents[2] / ".tools"


class NotToBeHad(RuntimeError):  # it says what happened
    """There is neither the program nor a Debian to take it from."""


def debian_tool(program: str, package: str) -> Path:
    """The program on PATH, or in .tools, or out of the package.

    Raises:
        NotToBeHad: where none of the three has it.
    """
    found = shutil.which(program)
    if found:
        return Path(found)
    unpacked = TOOLS / package / "usr" / "bin" / program
    if not unpacked.exists():
        _unpack(package)
    if not unpacked.exists():
        raise NotToBeHad(f"{program} is on no PATH, and the package {package} does not have it.")
    return unpacked


def _unpack(package: str) -> None:
    folder = TOOLS / f"{package}.download"
    folder.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-o", "APT::Sandbox::User=root", "download", package]
    try:
        done = subprocess.run(apt, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 - our own list
        if done.returncode != 0:
            subprocess.run(["apt-get", "update"], check=False, capture_output=True)  # noqa: S607 - as above
            done = subprocess.run(apt, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 - as above
        [archive] = folder.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, TOOLS / package], check=True)  # noqa: S603, S607 - as above
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise NotToBeHad(f"{package} cannot be downloaded from Debian: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
