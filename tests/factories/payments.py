"""What the tests of payment-backfiller send and see, and its world: gateway, Procore, a ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from drawbridge.contracts.invoices import (
    Invoice,
    InvoiceContent,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    LedgerReference,
)
from drawbridge.contracts.message import Message, message_class
from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState, RunState
from drawbridge.contracts.procore_invoices import Commitment, Vendor
from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import JobSettings, ProcoreConnection, VaultSettings, VaultSettingsState
from drawbridge.messaging import OutsideMessage, consume, publish
from drawbridge.payment_backfiller.store.invoices import read_invoices
from drawbridge.persistence import Database
from drawbridge.sandbox.procore import Procore
from drawbridge.sandbox.procore.state import PaymentRow
from tests.factories.sage import SageBooks

DAWN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHANGE = Change(what="processed", at=DAWN)
PAID_ON = date(2026, 3, 1)
VENDOR = "V-1007"


def vault_state(company_id: int, version: int = 1, **changes: Any) -> VaultSettingsState:  # noqa: ANN401  # any setting
    """A vault that carries payments, with both jobs on but due only at night."""
    members: dict[str, Any] = {
        "name": "Main",
        "procore": ProcoreConnection(
            company_id=company_id,
            client_id="env:DRAWBRIDGE_SECRET_CLIENT_ID",
            client_secret="env:DRAWBRIDGE_SECRET_CLIENT_SECRET",
        ),
        "automated_import_since": DAWN,
        "ledger": "sage-main",
        "payment_retrieval": JobSettings(enabled=True, schedule="0 3 * * *"),
        "check_backfill": JobSettings(enabled=True, schedule="0 4 * * *"),
    }
    return VaultSettingsState(
        version=version, change=CHANGE, vault_id="main", settings=VaultSettings(**(members | changes))
    )


def invoice_state(  # noqa: PLR0913  # what payments look at
    invoice_id: UUID,
    requisition: dict[str, Any],
    *,
    number: str | None = "INV-1",
    net_due: str = "1000.00",
    held: str = "0",
    vendor: str | None = VENDOR,
    bill_id: str | None = None,
    version: int = 1,
) -> InvoiceState:
    """A processed AP invoice that came from a requisition of the Procore double."""
    commitment = Commitment(id=requisition["commitment_id"])
    header = InvoiceHeader(
        vendor=Vendor(name="Acme Steel", ledger_code=vendor),
        commitment=commitment,
        project_id=requisition["project_id"],
        invoice_number=number,
        currency="USD",
        gross=Decimal(net_due) + Decimal(held),
        retainage_held=Decimal(held),
        retainage_released=Decimal(0),
        tax=Decimal(0),
        net_due=Decimal(net_due),
    )
    source = InvoiceSource(
        company_id=7,
        project_id=requisition["project_id"],
        commitment_id=commitment.id,
        requisition_id=requisition["id"],
        updated_at=DAWN,
        content_hash="hash",
        imported_by="Kim",
        imported_at=DAWN,
        how="manual",
    )
    invoice = Invoice(
        id=invoice_id,
        status="processed",
        revision=1,
        content=InvoiceContent(header=header),
        source=source,
        ledger=LedgerReference(ledger_bill_id=bill_id),
        created_at=DAWN,
        created_by="Kim",
    )
    return InvoiceState(version=version, change=CHANGE, vault_id="main", invoice=invoice)


@dataclass(frozen=True)
class Seen:
    """A message that the gateway, or the parked queue, got."""

    cause: UUID | None
    type: str
    body: bytes
    headers: dict[str, Any]

    @property
    def message(self) -> Message:
        """The message, read by its type."""
        return message_class(self.type).decode(self.body)


@dataclass
class World:
    """Everybody around payment-backfiller."""

    url: str
    procore: Procore
    sage: SageBooks
    database: Database
    events: list[Seen] = field(default_factory=list)
    parked: list[Seen] = field(default_factory=list)

    async def tell(self, message: Message, message_id: UUID | None = None) -> UUID:
        """Publish an event or a command of another service."""
        identity = message_id or uuid4()
        await publish(
            self.url,
            message.EXCHANGE,
            message.routing_key(),
            message.encode(),
            message_id=str(identity),
            type=message.TYPE,
        )
        return identity

    async def knows(self, state: InvoiceState) -> None:
        """Tell an AP invoice, and wait until payment-backfiller has it: jobs come by another queue."""
        await self.tell(state)
        async with asyncio.timeout(30):
            while not await self._has(state):  # noqa: ASYNC110  # its commits have no event here
                await asyncio.sleep(0.02)

    async def _has(self, state: InvoiceState) -> bool:
        async with self.database.transaction() as tx:
            rows = await read_invoices(tx.session, [state.invoice.id])
        return any(row.version >= state.version for row in rows.values())

    def told[M: Message](self, kind: type[M]) -> list[M]:
        """What payment-backfiller said of one kind, the oldest first."""
        return [each for seen in self.events if isinstance(each := seen.message, kind)]

    def closing(self, command: UUID) -> list[Message]:
        """The events that close a command: exactly one, in the end."""
        return [seen.message for seen in self.events if seen.cause == command]

    def allocations(self) -> list[AllocationState]:
        """The latest state of each allocation, by payment number and bill."""
        latest: dict[UUID, AllocationState] = {}
        for state in self.told(AllocationState):
            if state.id not in latest or latest[state.id].version < state.version:
                latest[state.id] = state
        return sorted(latest.values(), key=lambda state: (state.payment.number or "", state.bill.id))

    def invoice_payments(self, invoice_id: UUID) -> InvoicePaymentsState | None:
        """The latest payment state of an AP invoice."""
        states = [each for each in self.told(InvoicePaymentsState) if each.invoice_id == invoice_id]
        return max(states, key=lambda state: state.version, default=None)

    def runs(self, status: str) -> list[RunState]:
        """Runs that reached a status."""
        return [each for each in self.told(RunState) if each.status == status]

    def written(self) -> list[PaymentRow]:
        """Contract payments that payment-backfiller created and that still stand."""
        return [row for row in self.procore.payments.values() if "[DB-" in (row.public["notes"] or "")]


@asynccontextmanager
async def watched_world(
    url: str, procore: Procore, sage: SageBooks, database: Database
) -> AsyncIterator[World]:
    """A world whose queues are being read."""
    world, stop = World(url, procore, sage, database), asyncio.Event()

    async def keep_event(message: OutsideMessage) -> None:
        if message.headers.get("ce-subject") is not None:
            world.events.append(_seen(message))

    async def keep_parked(message: OutsideMessage) -> None:
        world.parked.append(_seen(message))

    watching = [
        asyncio.create_task(consume(url, "gateway.events", keep_event, stop)),
        asyncio.create_task(consume(url, PARKED_QUEUE, keep_parked, stop)),
    ]
    try:
        yield world
    finally:
        stop.set()
        await asyncio.gather(*watching)


@asynccontextmanager
async def sage_books(url: str) -> AsyncIterator[SageBooks]:
    """An empty Sage-shaped ledger with one vendor."""
    connection = await asyncpg.connect(url)
    try:
        books = SageBooks(connection)
        await books.create()
        await books.vendor(1, VENDOR)
        yield books
    finally:
        await connection.close()


def requisitions(procore: Procore, count: int = 1) -> list[dict[str, Any]]:
    """Requisitions of one commitment that has at least so many and no payments yet."""
    paid = {row.public["contract_id"] for row in procore.payments.values()}
    by_commitment: dict[int, list[dict[str, Any]]] = {}
    for each in procore.requisitions.values():
        if each["commitment_id"] not in paid:
            by_commitment.setdefault(each["commitment_id"], []).append(each)
    return next(found[:count] for found in by_commitment.values() if len(found) >= count)


def _seen(message: OutsideMessage) -> Seen:
    cause = message.headers.get("causation-id")
    return Seen(UUID(str(cause)) if cause else None, message.type or "", message.body, dict(message.headers))
