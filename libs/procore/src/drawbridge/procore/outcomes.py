"""What became of a write: four answers, because "it failed" is not enough to decide about repeating it.

============  ==========================================================  =======================
outcome       what happened                                               repeat it?
============  ==========================================================  =======================
`Ok`          Procore applied it and said so                              no
`NotSent`     it never reached Procore                                    yes, safely
`Rejected`    Procore read it and refused; nothing was applied            not unchanged
`Ambiguous`   the answer never came; applied, not applied, or still will  look first, never blindly
============  ==========================================================  =======================

A rate limit (429) is no outcome: nothing was applied, and `drawbridge.contracts.errors.Waiting` is raised.
"""

from dataclasses import dataclass

from drawbridge.procore.problems import ProcoreProblem


@dataclass(frozen=True)  # no slots: Python 3.12 cannot call a frozen generic class that has them
class Ok[T]:
    """Applied; ``value`` is what Procore returned. Unknown members are ignored with 200: read back."""

    value: T


@dataclass(frozen=True, slots=True)
class NotSent:
    """Never reached Procore (no connection, or no accepted token), so it may simply be sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Understood and refused by Procore; ``problem`` says why in words for a person."""

    problem: ProcoreProblem


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Perhaps applied, now or later: list what is there before doing anything."""

    reason: str


type Outcome[T] = Ok[T] | NotSent | Rejected | Ambiguous
"""The answer of every write method."""
