"""What a check of Procore found: one line of its table."""

from dataclasses import dataclass
from typing import Literal

type FindingState = Literal["ok", "look", "red"]
"""``look`` works, but a person should know; ``red`` must be mended before invoices can be imported."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what was found, and what to do unless it is well."""

    what: str
    state: FindingState
    found: str
    advice: str = ""
