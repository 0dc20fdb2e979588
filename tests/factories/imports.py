"""The world around import-service in tests: who sends commands, a Procore double, and who listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from drawbridge.contracts.import_commands import IMPORT_SERVICE, ImportCommand, ImportInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.message import COMMANDS, EVENTS, Command, Message, message_class
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState, ProjectState
from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import ProcoreConnection, VaultSettings, VaultSettingsState
from drawbridge.messaging import OutsideMessage, consume, publish
from drawbridge.sandbox.procore import Procore
from tests.factories.waiting import PATIENCE, eventually

VAULT = "main"
BY = "kim"
DAWN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CLIENT_ID = "DRAWBRIDGE_SECRET_TEST_CLIENT_ID"
CLIENT_SECRET = "DRAWBRIDGE_SECRET_TEST_CLIENT_SECRET"


def vault_settings(company_id: int, **changes: Any) -> VaultSettings:  # noqa: ANN401  # any member
    """Settings of a vault with all projects of the company; polled so seldom that tests see no poll."""
    procore = ProcoreConnection(
        company_id=company_id, client_id=f"env:{CLIENT_ID}", client_secret=f"env:{CLIENT_SECRET}"
    )
    members: dict[str, Any] = {
        "name": "Main",
        "procore": procore,
        "automated_import_since": DAWN,
        "poll_seconds": 3600,
    }
    return VaultSettings(**(members | changes))


@dataclass(frozen=True)
class Heard:
    """A message that a listener got."""

    id: UUID
    cause: UUID | None
    message: Message


@dataclass
class ImportWorld:
    """Everybody around import-service."""

    url: str
    procore: Procore
    control: httpx.AsyncClient
    heard: list[Heard] = field(default_factory=list)
    parked: list[OutsideMessage] = field(default_factory=list)

    @property
    def project_id(self) -> int:
        return int(self.procore.facts["active_project_ids"][0])

    async def settle_vault(self, version: int = 1, vault_id: str = VAULT, **changes: Any) -> None:  # noqa: ANN401  # any member
        """Send a vault's settings and wait until its projects are known."""
        settings = vault_settings(self.procore.company_id, **changes)
        change = Change(what="changed", at=DAWN)
        state = VaultSettingsState(version=version, change=change, vault_id=vault_id, settings=settings)
        known = len(self.of(ProjectState))
        await self.tell(state)
        await eventually(lambda: len(self.of(ProjectState)) > known)

    async def tell(self, message: Message) -> UUID:
        """Publish an event of another service."""
        return UUID(await publish(self.url, EVENTS, message.TYPE, message.encode(), type=message.TYPE))

    async def command(self, command: Command) -> UUID:
        """Send a command; gives its id."""
        sent = await publish(self.url, COMMANDS, IMPORT_SERVICE, command.encode(), type=command.TYPE)
        return UUID(sent)

    async def do(self, command: ImportCommand) -> Message:
        """Send a command and wait for its one answer."""
        return await self.answer(await self.command(command))

    async def answer(self, command_id: UUID, seconds: float = PATIENCE) -> Message:
        """The message that closes the command's operation."""
        await eventually(lambda: self.answers(command_id), seconds)
        return self.answers(command_id)[0]

    def answers(self, command_id: UUID) -> list[Message]:
        """All messages that say they answer the command."""
        kinds = (InvoiceState, ProcoreInvoiceState, ProjectState, CommandRefused)
        closing = (
            each.message
            for each in self.heard
            if each.cause == command_id and (isinstance(each.message, kinds) or _is_preview(each.message))
        )
        return list(closing)

    def of[M: Message](self, kind: type[M]) -> list[M]:
        """All messages of a type, in the order of arrival."""
        return [each.message for each in self.heard if isinstance(each.message, kind)]

    def row(self, requisition_id: int) -> ProcoreInvoice | None:
        """The newest state of a row that was told."""
        rows = [each.row for each in self.of(ProcoreInvoiceState)]
        rows += [each.row for each in self.of(InvoiceState) if each.row]
        ours = [row for row in rows if row.requisition_id == requisition_id]
        return max(ours, key=lambda row: row.version, default=None)

    def approved(self) -> list[int]:
        """Requisition ids of readable approved invoices of the project, with a number and money due."""
        broken = set(self.procore.whole)
        return [
            each["id"]
            for each in self.procore.requisitions.values()
            if each["project_id"] == self.project_id
            and each["status"] == "approved"
            and each["id"] not in broken
            and each["invoice_number"]
        ]

    def importing(self, requisition_id: int, **changes: Any) -> ImportInvoice:  # noqa: ANN401  # any member
        """The command to import."""
        members: dict[str, Any] = {
            "vault_id": VAULT,
            "requested_by": BY,
            "project_id": self.procore.requisitions[requisition_id]["project_id"],
            "requisition_id": requisition_id,
            "how": "manual",
        }
        return ImportInvoice(**(members | changes))

    async def at_procore(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Do something as a Procore user, through the double's control API."""
        answer = await self.control.request(method, f"/control/{path}", json=body)
        assert answer.is_success, answer.text
        return answer


type RunningWorld = Callable[[Procore], AbstractAsyncContextManager[ImportWorld]]
"""Runs import-service beside a double."""


@asynccontextmanager
async def watched_world(url: str, procore: Procore, app: httpx.ASGITransport) -> AsyncIterator[ImportWorld]:
    """A world whose queues are being read."""
    stop = asyncio.Event()
    async with httpx.AsyncClient(transport=app, base_url="http://procore.test") as control:
        world = ImportWorld(url, procore, control)

        async def hear(message: OutsideMessage) -> None:
            kind = message_class(message.type or "")
            cause = message.headers.get("causation-id")
            world.heard.append(
                Heard(UUID(message.id), UUID(str(cause)) if cause else None, kind.decode(message.body))
            )

        async def keep(message: OutsideMessage) -> None:
            world.parked.append(message)

        watching = [
            asyncio.create_task(consume(url, "gateway.events", hear, stop)),
            asyncio.create_task(consume(url, PARKED_QUEUE, keep, stop)),
        ]
        try:
            yield world
        finally:
            stop.set()
            await asyncio.gather(*watching)


def fresh_invoice_id() -> UUID:
    """An id for a new AP invoice."""
    return uuid4()


def _is_preview(message: Message) -> bool:
    return message.TYPE == "drawbridge.refresh.previewed.v1"
