"""The AsyncAPI initiative's own parser, from npm, as ``package-lock.json`` beside this file pins it."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parents[3] / ".tools" / "asyncapi-parser"
_MANIFESTS = ("package.json", "package-lock.json")


class ParserUnavailable(Exception):
    """The parser cannot be had here; the message says what is missing."""


@dataclass(frozen=True)
class Parsed:
    """What the parser made of a document: ``findings`` are its errors, warnings and hints."""

    valid: bool
    findings: list[dict[str, Any]]
    read: dict[str, Any] | None


def install(cache: Path = CACHE) -> Path:
    """The folder of the installed packages; installs them once for every lock file.

    Raises:
        ParserUnavailable: where Node.js or the package registry is missing.
    """
    _tool("node")
    lock = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _MANIFESTS)).hexdigest()
    folder = cache / lock[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # other test processes wait here
        if not (folder / "installed").exists():
            _npm_ci(folder)
            (folder / "installed").touch()
    return folder / "node_modules"


def parse(document: Path, packages: Path) -> Parsed:
    """Let the parser read a document."""
    done = subprocess.run(  # noqa: S603  # our own script
        [_tool("node"), str(HERE / "validate.cjs"), str(document)],
        env=os.environ | {"NODE_PATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        raise ParserUnavailable(f"The AsyncAPI parser did not run: {done.stderr.strip()[-800:]}")
    return Parsed(**json.loads(done.stdout))


def _npm_ci(folder: Path) -> None:
    for name in _MANIFESTS:
        shutil.copy(HERE / name, folder)
    done = subprocess.run(  # noqa: S603  # fixed arguments
        [_tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    if done.returncode != 0:
        raise ParserUnavailable(
            "The AsyncAPI parser could not be installed from the npm registry, so docs/asyncapi.yaml was not "
            f"validated: {done.stderr.strip()[-800:]}"
        )


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ParserUnavailable(
            f"There is no {name} on PATH, so docs/asyncapi.yaml was not validated: install Node.js 18 or "
            "newer with npm (Debian: apt-get install nodejs npm)."
        )
    return path
