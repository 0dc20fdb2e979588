"""Hooks, their triggers and what was posted to them; all ids are strings, as in version 2 of the API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import httpx

from drawbridge.sandbox.procore.values import Record

type Poster = Callable[[str, dict[str, str], Record], Awaitable[int]]
"""Posts a payload to an address with headers; gives the status that came back, 0 where none did."""

type Road = Literal["clear", "lost", "doubled"]
"""What happens to deliveries on their way: nothing, they never arrive, or each arrives twice."""

OFFERED = {
    "Draw Requests": ["create", "update", "delete"],
    "Contract Payments": ["create", "update", "delete"],
    "Work Order Contracts": ["create", "update", "delete"],
    "Purchase Order Contracts": ["create", "update", "delete"],
}
"""The kinds of records of a project that hooks can be told of."""
PAYLOAD_VERSIONS = ("v4.0", "v3.0", "v2.0")
ANSWER_WITHIN = 5.0
"""Seconds in which a destination must answer."""


@dataclass
class HookRow:
    """A hook, with the value that the API shows masked only."""

    public: Record
    authorization: str
    triggers: dict[str, Record] = field(default_factory=dict)


@dataclass
class Delivery:
    """One event for one hook: its payload and the statuses of all attempts."""

    hook_id: str
    payload: Record
    answers: list[int] = field(default_factory=list)

    @property
    def status(self) -> str:
        """As Procore names it."""
        succeeded = any(httpx.codes.is_success(each) for each in self.answers)
        return "delivered" if succeeded else "failed" if self.answers else "discarded"


async def post(url: str, headers: dict[str, str], payload: Record) -> int:
    """Post over the network."""
    try:
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN, follow_redirects=False) as http:
            return (await http.post(url, headers=headers, json=payload)).status_code
    except httpx.HTTPError:
        return 0


@dataclass
class Webhooks:
    """All hooks of the company, and the way to them."""

    hooks: dict[str, HookRow] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=lambda: dict(OFFERED))
    deliveries: list[Delivery] = field(default_factory=list)
    road: Road = "clear"
    post: Poster = post

    def of_project(self, project_id: int) -> list[HookRow]:
        """The hooks of a project, oldest first."""
        return [hook for hook in self.hooks.values() if hook.public["project_id"] == str(project_id)]
