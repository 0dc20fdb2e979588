"""Who asks."""

from dataclasses import dataclass

OPERATOR = "operator"
"""The instance role: vault creation, parked messages, everything."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person or machine. ``name`` goes into audit, history and ``requested_by``."""

    name: str
    roles: frozenset[str]
