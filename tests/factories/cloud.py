"""What the tests of cloud-service send and look at, and who plays the other services."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.message import EVENTS, PUBLIC, Message, message_class
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.procore_invoices import Commitment, ProcoreInvoice, ProcoreInvoiceState, Vendor
from drawbridge.contracts.requests import RequestJoined, RequestState
from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import AutomatedImport, ProcoreConnection, VaultSettings, VaultSettingsState
from drawbridge.messaging import OutsideMessage, consume, publish

BIG = 598134325841112
"""A requisition id of the size that Procore gives."""
PROJECT = 598134325599990
DAWN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHANGE = Change(what="seen_in_procore", at=DAWN)


def vault_settings(automated_import: AutomatedImport = "invoice", **changes: Any) -> VaultSettings:  # noqa: ANN401  # any member
    """Settings of a vault that automates imports since dawn."""
    members: dict[str, Any] = {
        "name": "Main",
        "procore": ProcoreConnection(company_id=7, client_id="env:A", client_secret="env:B"),
        "automated_import": automated_import,
        "automated_import_since": DAWN,
    }
    return VaultSettings(**(members | changes))


def vault_state(version: int = 1, vault_id: str = "main", **changes: Any) -> VaultSettingsState:  # noqa: ANN401  # any member
    """What the gateway sends of a vault."""
    return VaultSettingsState(
        version=version, change=CHANGE, vault_id=vault_id, settings=vault_settings(**changes)
    )


def grid_row(**changes: Any) -> ProcoreInvoice:  # noqa: ANN401  # any member
    """An approved Procore invoice that became importable an hour after dawn."""
    members: dict[str, Any] = {
        "version": 1,
        "company_id": 7,
        "project_id": PROJECT,
        "requisition_id": BIG,
        "commitment": Commitment(id=3),
        "vendor": Vendor(id=4, name="Acme"),
        "procore_status": "approved",
        "content_hash": "c1",
        "importable_since": DAWN + timedelta(hours=1),
    }
    return ProcoreInvoice(**(members | changes))


def row_state(vault_id: str = "main", **changes: Any) -> ProcoreInvoiceState:  # noqa: ANN401  # any member
    """What import-service sends of a row."""
    row = grid_row(**changes)
    return ProcoreInvoiceState(version=row.version, change=CHANGE, vault_id=vault_id, row=row)


def refusal(command_id: UUID) -> CommandRefused:
    """What import-service answers to a command that it refuses."""
    return CommandRefused(
        vault_id="main",
        command_id=command_id,
        command_subject=f"requisition/main/{BIG}",
        problem=Problem(code="status_not_accepted", message="Its status in Procore is 'draft'."),
    )


def postponement(command_id: UUID, attempt: int) -> CommandPostponed:
    """What import-service says when it will try again."""
    return CommandPostponed(
        vault_id="main",
        command_id=command_id,
        command_subject=f"requisition/main/{BIG}",
        attempt=attempt,
        waiting=False,
        problem=Problem(code="temporary_failure", message="Procore did not answer."),
        next_at=DAWN + timedelta(hours=2),
    )


@dataclass
class Seen:
    """A message that another service, or the parked queue, got."""

    id: UUID | None
    cause: UUID | None
    body: bytes
    type: str | None
    headers: dict[str, Any]

    @property
    def message(self) -> Message:
        """The message, read by its type."""
        return message_class(self.type or "").decode(self.body)


@dataclass
class World:
    """Everybody around cloud-service: publishers, the gateway, import-service and the parked queue."""

    url: str
    commands: list[Seen] = field(default_factory=list)
    events: list[Seen] = field(default_factory=list)
    parked: list[Seen] = field(default_factory=list)

    async def ask(
        self, body: object, *, message_id: str | None = None, headers: dict[str, Any] | None = None
    ) -> str:
        """Publish to the public door; bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await publish(self.url, PUBLIC, "reprocess", raw, message_id=message_id, headers=headers)

    async def tell(self, message: Message, *, cause: UUID | None = None) -> UUID:
        """Publish an event of another service."""
        headers = {"causation-id": str(cause)} if cause else {}
        identity = await publish(
            self.url, EVENTS, message.TYPE, message.encode(), headers=headers, type=message.TYPE
        )
        return UUID(identity)

    def asked(self) -> list[tuple[Seen, ImportInvoice]]:
        """The imports that import-service was asked for."""
        return [(seen, each) for seen in self.commands if isinstance(each := seen.message, ImportInvoice)]

    def states(self) -> list[tuple[Seen, RequestState]]:
        """What was told of requests, the oldest first."""
        return [(seen, each) for seen in self.events if isinstance(each := seen.message, RequestState)]

    def last_status(self) -> str | None:
        """The status in what was told last of any request; commands and events overtake one another."""
        told = self.states()
        return told[-1][1].status if told else None

    def joins(self) -> list[tuple[Seen, RequestJoined]]:
        """The answers to repeats."""
        return [(seen, each) for seen in self.events if isinstance(each := seen.message, RequestJoined)]


@asynccontextmanager
async def watched_world(url: str) -> AsyncIterator[World]:
    """A world whose queues are being read."""
    world, stop = World(url), asyncio.Event()

    def into(seen: list[Seen]) -> Callable[[OutsideMessage], Any]:
        async def keep(message: OutsideMessage) -> None:
            cause = message.headers.get("causation-id")
            seen.append(
                Seen(_uuid(message.id), _uuid(cause), message.body, message.type, dict(message.headers))
            )

        return keep

    queues = {
        "import-service.commands": world.commands,
        "gateway.events": world.events,
        PARKED_QUEUE: world.parked,
    }
    watching = [asyncio.create_task(consume(url, queue, into(seen), stop)) for queue, seen in queues.items()]
    try:
        yield world
    finally:
        stop.set()
        await asyncio.gather(*watching)


def request_body(requisition_id: int = BIG, vault_id: str = "main", **more: object) -> dict[str, object]:
    """The body of a reprocess message."""
    return {"vault_id": vault_id, "project_id": PROJECT, "requisition_id": requisition_id, **more}


def fresh_id() -> str:
    """A message id that nobody used."""
    return str(uuid4())


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
