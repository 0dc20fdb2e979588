"""Named places in the code where tests make a process fail, and nothing happens otherwise.

Armed by ``DRAWBRIDGE_FAILPOINTS="relay.after_publish=raise:2,intake.after_commit=kill"``:

* ``raise`` or ``raise:N``: the first N passes (default 1) raise `FailpointError`, a lost connection;
* ``kill`` or ``kill:N``: the Nth pass (default the first) ends the process as ``kill -9`` does;
* ``sleep:SECONDS``: the first pass stops the whole process for so long, as a suspended machine does.
"""

import logging
import os
import re
import signal
import time
from dataclasses import dataclass
from typing import Literal, cast

VARIABLE = "DRAWBRIDGE_FAILPOINTS"

_SPEC = re.compile(r"(?P<name>[a-z0-9_.]+)=(?P<action>raise|kill|sleep)(?::(?P<argument>\d+(?:\.\d+)?))?")


_log = logging.getLogger(__name__)


class FailpointError(ConnectionError):
    """What an armed failpoint raises; treated like a lost connection."""


@dataclass
class _Armed:
    action: Literal["raise", "kill", "sleep"]
    argument: float
    passes: int = 0


_declared: set[str] = set()
_armed: dict[str, _Armed] = {}


def declare(name: str) -> str:
    """Register a name at import, so that one test can walk all of them; gives the name back.

    Raises:
        ValueError: when two places use one name.
    """
    if name in _declared:
        raise ValueError(f"Two failpoints are named {name}.")
    _declared.add(name)
    return name


def declared() -> list[str]:
    """All names that the imported modules declared, sorted."""
    return sorted(_declared)


def arm(text: str) -> None:
    """Replace what is armed by what the text says; an empty text disarms everything.

    Raises:
        ValueError: when the text cannot be read.
    """
    _armed.clear()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _SPEC.fullmatch(part)
        if match is None:
            raise ValueError(
                f"{VARIABLE}: cannot read {part!r}; write name=raise:N, name=kill:N or name=sleep:S."
            )
        action = cast('Literal["raise", "kill", "sleep"]', match["action"])
        _armed[match["name"]] = _Armed(action, float(match["argument"] or 1))


def hit(name: str) -> None:
    """Pass the named place: a no-op unless a test armed it."""
    if _armed and name in _armed:
        _fire(name, _armed[name])


def _fire(name: str, armed: _Armed) -> None:
    armed.passes += 1
    if armed.passes > armed.argument and armed.action != "sleep":
        return
    if armed.action == "raise":
        _log.warning("Failpoint %s raises.", name)
        raise FailpointError(f"failpoint {name}")
    if armed.action == "kill" and armed.passes == armed.argument:
        _log.warning("Failpoint %s kills.", name)
        os.kill(os.getpid(), signal.SIGKILL)
    if armed.action == "sleep" and armed.passes == 1:
        _log.warning("Failpoint %s sleeps.", name)
        time.sleep(armed.argument)


arm(os.environ.get(VARIABLE, ""))
