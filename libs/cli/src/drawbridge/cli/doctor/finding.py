"""What the doctor finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ``red`` needs somebody now, ``look`` soon; ``advice`` says what to do."""

    what: str
    state: Literal["ok", "look", "red"]
    found: str
    advice: str = ""


def well(what: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(what, "ok", found)


def clock(what: str, ahead: float) -> Finding:
    """A clock beside this machine's; ``ahead`` in seconds. Leases and doubts count on them to agree."""
    if abs(ahead) < _CLOCK_SECONDS:
        return well(what, f"within {_CLOCK_SECONDS:.0f} s of this machine's")
    direction = "ahead of" if ahead > 0 else "behind"
    return Finding(
        what, "red", f"{abs(ahead):.0f} s {direction} this machine's", "Let all machines ask one time server."
    )


_CLOCK_SECONDS = 5.0
