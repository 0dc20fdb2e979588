"""What became of a command when no subject changed: refused, postponed, or only looked at."""

from typing import ClassVar
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import Event
from drawbridge.contracts.values import Timestamp, Value, VaultId


class Difference(Value):
    """One member that differs: ``field`` as a path, our value and Procore's as text.

    ``clash`` marks a coded line that is gone or whose cost code changed (product rule 4).
    """

    field: str
    ours: str | None
    procore: str | None
    clash: bool = False


class Outcome(Event):
    """Base: the answer to one command, and nothing else."""

    vault_id: VaultId
    command_id: UUID
    command_subject: str

    def subject(self) -> str:
        """The subject of the command."""
        return self.command_subject


class CommandRefused(Outcome):
    """A command was understood and answered no; nothing changed.

    ``differences`` and ``content_hash`` are set where the refusal is "Procore changed since": repeating
    the command with the hash accepts them.
    """

    TYPE: ClassVar[str] = "drawbridge.command.refused.v1"

    problem: Problem
    differences: tuple[Difference, ...] = ()
    content_hash: str | None = None


class CommandPostponed(Outcome):
    """A command was tried and will be tried again, or waits for a limit (``waiting``, no attempt)."""

    TYPE: ClassVar[str] = "drawbridge.command.postponed.v1"

    attempt: int
    waiting: bool
    problem: Problem
    next_at: Timestamp


class RefreshPreviewed(Outcome):
    """What a refresh would change; applying exactly this takes ``content_hash`` (product rule 4)."""

    TYPE: ClassVar[str] = "drawbridge.refresh.previewed.v1"

    invoice_id: UUID
    differences: tuple[Difference, ...]
    content_hash: str
