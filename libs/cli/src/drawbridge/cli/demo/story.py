"""The whole road, told once: import, reprocess, hand-over, payments, void, and a count at the end."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from drawbridge.cli.demo.doors import ClerkDesk, Gateway, ProcoreDesk
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.stack import StackInfo
from drawbridge.testkit.stack.doors import Json


@dataclass
class Story:
    """What the chapters share: doors to all sides, the teller, and what earlier chapters found."""

    info: StackInfo
    teller: Teller
    gateway: Gateway
    procore: ProcoreDesk
    clerk: ClerkDesk
    facts: Json = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    """Check numbers of the ledger by the part that they play."""

    @classmethod
    def begin(cls, info: StackInfo, teller: Teller) -> Self:
        """Open all doors."""
        return cls(info, teller, Gateway(info), ProcoreDesk(info), ClerkDesk(info))

    async def __aenter__(self) -> Self:
        """Learn what is special in the made-up company."""
        self.facts = await self.procore.facts()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all doors."""
        async with AsyncExitStack() as doors:
            for door in (self.gateway, self.procore, self.clerk):
                doors.push_async_callback(door.close)

    @property
    def folder(self) -> Path:
        """Where the stack keeps its files."""
        return Path(self.info.folder)

    @property
    def projects(self) -> dict[str, int]:
        """Each vault's one project."""
        by_itself, by_hand, by_queue = self.facts["active_project_ids"]
        return {"by-itself": by_itself, "by-hand": by_hand, "by-queue": by_queue}


type Chapter = Callable[[Story], Awaitable[None]]
