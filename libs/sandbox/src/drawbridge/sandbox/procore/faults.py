"""Misbehaviour on demand: which calls go wrong, how, and how often."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

type Kind = Literal[
    "fail",
    "apply_then_drop",
    "apply_then_fail",
    "apply_late",
    "delay",
    "expire_token",
    "exhaust_limit",
    "cut_short",
    "html",
    "inflate",
    "drip",
    "ignore",
    "delete_first",
    "move_last",
]


class Match(BaseModel):
    """Which calls a fault meets: an HTTP method (all where absent), the start of the path, and a query."""

    model_config = ConfigDict(extra="forbid")

    method: str | None = None
    path_prefix: str = "/rest/"
    query: dict[str, str] = Field(default_factory=dict)
    """Parameters that must have these values, such as ``{"page": "2"}``."""


class Fault(BaseModel):
    """One order to misbehave, used up after ``times`` matching calls.

    * ``fail``: answer ``status`` without applying anything.
    * ``apply_then_drop``: apply the call, then close the connection without an answer.
    * ``apply_then_fail``: apply the call, then answer ``status`` all the same.
    * ``apply_late``: close the connection now, apply the call ``seconds`` later.
    * ``delay``: answer ``seconds`` late.
    * ``expire_token``: revoke all tokens, so that this call answers 401.
    * ``exhaust_limit``: use up the limit of a ``window`` for ``seconds``; this call answers 429.
    * ``cut_short``: answer with JSON that ends in the middle.
    * ``html``: answer 200 with the page of a proxy instead of JSON.
    * ``inflate``: add ``megabytes`` of blanks to the answer; it is still JSON.
    * ``drip``: send the answer in small pieces over ``seconds``.
    * ``ignore``: silently ignore ``members`` of the query and of the body.
    * ``delete_first``: a user deletes the project's first invoice just before this call.
    * ``move_last``: the project's last invoice moves to the front of the list just before this call.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    match: Match = Field(default_factory=Match)
    times: Annotated[int, Field(ge=1)] = 1
    status: Annotated[int, Field(ge=400, le=599)] = 503
    seconds: Annotated[float, Field(ge=0)] = 10.0
    window: Literal["spike", "hourly"] = "spike"
    megabytes: Annotated[int, Field(ge=1, le=200)] = 100
    members: list[str] = Field(default_factory=list)

    def meets(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether this fault applies to a call."""
        wanted = self.match
        return (
            (wanted.method is None or wanted.method.upper() == method)
            and path.startswith(wanted.path_prefix)
            and wanted.query.items() <= query.items()
        )


class FaultPlan:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, method: str, path: str, query: Mapping[str, str]) -> Fault | None:
        """The fault that meets this call, counted down; None where the call may go well."""
        for fault in self.pending:
            if fault.meets(method, path, query):
                fault.times -= 1
                if fault.times == 0:
                    self.pending.remove(fault)
                return fault
        return None
