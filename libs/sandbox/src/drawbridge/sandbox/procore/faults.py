"""Misbehaviour on demand: which calls go wrong, how, and how often."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

type Kind = Literal["fail", "apply_then_drop", "apply_late", "delay", "expire_token", "exhaust_limit"]


class Match(BaseModel):
    """Which calls a fault meets: an HTTP method (all where absent) and the start of the path."""

    model_config = ConfigDict(extra="forbid")

    method: str | None = None
    path_prefix: str = "/rest/"


class Fault(BaseModel):
    """One order to misbehave, used up after ``times`` matching calls.

    * ``fail``: answer ``status`` without applying anything.
    * ``apply_then_drop``: apply the call, then close the connection without an answer.
    * ``apply_late``: close the connection now, apply the call ``seconds`` later.
    * ``delay``: answer ``seconds`` late.
    * ``expire_token``: revoke all tokens, so that this call answers 401.
    * ``exhaust_limit``: use up the spike limit for ``seconds``; this call answers 429.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    match: Match = Field(default_factory=Match)
    times: Annotated[int, Field(ge=1)] = 1
    status: Annotated[int, Field(ge=400, le=599)] = 503
    seconds: Annotated[float, Field(ge=0)] = 10.0

    def meets(self, method: str, path: str) -> bool:
        """Whether this fault applies to a call."""
        wanted = self.match.method
        return (wanted is None or wanted.upper() == method) and path.startswith(self.match.path_prefix)


class FaultPlan:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that meets this call, counted down; None where the call may go well."""
        for fault in self.pending:
            if fault.meets(method, path):
                fault.times -= 1
                if fault.times == 0:
                    self.pending.remove(fault)
                return fault
        return None
