"""What all parts of a chaos run share."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol, Self

from drawbridge.testkit.chaos.asked import Asked, Subject
from drawbridge.testkit.chaos.publisher import Publisher
from drawbridge.testkit.stack import StackInfo
from drawbridge.testkit.stack.doors import ClerkDesk, Gateway, Json, ProcoreDesk

BEHAVIORS = {"by-hand": "none", "by-queue": "queue", "by-itself": "invoice"}
"""Automated import behavior of each vault."""


class Installation(Protocol):
    """Whatever runs Drawbridge: where it is, and two addresses of its servers."""

    @property
    def info(self) -> StackInfo:
        """The addresses of an outsider."""

    @property
    def amqp_url(self) -> str:
        """The broker, by the way that the services take."""

    @property
    def database_url(self) -> str:
        """The database of all four schemas, as an administrator."""


@dataclass
class Scene:
    """A running installation, the doors of an outsider, and what was asked through them."""

    at: Installation
    gateway: Gateway
    procore: ProcoreDesk
    clerk: ClerkDesk
    publisher: Publisher
    asked: Asked = field(default_factory=Asked)
    facts: Json = field(default_factory=dict)
    probe_invoice: str = ""
    """An AP invoice of the vault by-hand that stays unprocessed: probes look at it."""
    probe_requisition: int = 0
    """The Procore invoice that it came from."""
    probe_subject: Subject | None = None
    """An imported Procore invoice: every request for it is refused, which is an answer all the same."""
    _doors: AsyncExitStack = field(default_factory=AsyncExitStack)

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """Open all doors."""
        info = installation.info
        publisher = Publisher(installation.amqp_url)
        return cls(installation, Gateway(info), ProcoreDesk(info), ClerkDesk(info), publisher)

    async def __aenter__(self) -> Self:
        """Learn what is special in the made-up company."""
        await self._doors.enter_async_context(self.publisher)
        for door in (self.gateway, self.procore, self.clerk):
            self._doors.push_async_callback(door.close)
        self.facts = await self.procore.get("/control/facts")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all doors."""
        await self._doors.aclose()

    @property
    def projects(self) -> dict[str, int]:
        """Each vault's one project."""
        by_itself, by_hand, by_queue = self.facts["active_project_ids"]
        return {"by-itself": by_itself, "by-hand": by_hand, "by-queue": by_queue}
