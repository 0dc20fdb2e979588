"""Download packages of a newer Debian with apt's own client, into folders that are ours alone.

The machine's packages, lists and sources are neither changed nor read, but for one thing: the address
of its Debian mirror. apt checks the signatures as it always does.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError

_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def _run(argv: list[str]) -> str:
    """What the command printed. Raises ServerError with its own words."""
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)  # noqa: S603 - our own list, no shell
    except FileNotFoundError as error:
        raise ServerError(f"{argv[0]} is not installed; its packages come from Debian.") from error
    if done.returncode != 0:
        raise ServerError(f"{argv[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def mirror_in(targets: str) -> str:
    """The mirror among lines of ``release address``: the first whole release, no updates or security.

    Raises ServerError where there is none.
    """
    for line in targets.splitlines():
        release, _, address = line.partition(" ")
        if release.isalpha() and address:
            return address
    raise ServerError("apt knows no Debian mirror (apt-get indextargets).")


def _mirror() -> str:
    release = Path("/etc/os-release")
    if not release.exists() or "ID=debian" not in release.read_text().splitlines():
        raise ServerError("it is taken from Debian's packages, and this machine is not a Debian.")
    return mirror_in(
        _run(["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"])
    )


def _options(home: Path) -> list[str]:
    settings = {
        "Dir::State": home,
        "Dir::State::lists": home / "lists",
        "Dir::State::status": home / "status",  # empty: every dependency is downloaded too
        "Dir::Cache": home,
        "Dir::Cache::archives": home / "archives",
        "Dir::Etc::sourcelist": home / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Sandbox::User": "",  # apt's own account may not enter our folder
        "Acquire::Languages": "none",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def download(suite: str, packages: Iterable[str], home: Path) -> list[Path]:
    """The package files of ``packages`` and of all that they depend on. Raises ServerError."""
    source = f"Types: deb\nURIs: {_mirror()}\nSuites: {suite}\nComponents: main\n"
    if _KEYS.exists():
        source += f"Signed-By: {_KEYS}\n"
    for folder in (home / "lists" / "partial", home / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "status").write_text("")
    (home / "debian.sources").write_text(source)
    apt = ["apt-get", *_options(home)]
    _run([*apt, "update"])
    _run([*apt, "install", "-y", "--no-install-recommends", "--download-only", *packages])
    return sorted((home / "archives").glob("*.deb"))


def unpack(archive: Path, root: Path) -> None:
    """Put a package's files under ``root``; none of its scripts runs. Raises ServerError."""
    _run(["dpkg-deb", "-x", str(archive), str(root)])
