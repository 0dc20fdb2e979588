"""What the tests of the gateway send and look at, and who plays the other services."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from drawbridge.contracts import Envelope, Message, Problem
from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.invoices import Invoice, InvoiceSource, InvoiceState
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.payments import (
    AllocationState,
    Bill,
    InvoicePaymentsState,
    JobState,
    LedgerPayment,
    Match,
    WriteBack,
)
from drawbridge.contracts.procore_invoices import (
    Commitment,
    ProcoreInvoice,
    ProcoreInvoiceState,
    ProjectState,
    Vendor,
)
from drawbridge.contracts.requests import RequestState
from drawbridge.contracts.values import Change
from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.usecases.project_events import project_events
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.persistence import Database

KEY = "an-operator-key-for-tests"
VAULT = "main"
PROJECT = 598134325599990
REQUISITION = 598134325841112
COMPANY = 562949953421312
DAWN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHANGE = Change(what="seen_in_procore", at=DAWN)


def choices(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any member
    """The body of PUT vault."""
    members: dict[str, Any] = {
        "name": "Main",
        "procore": {
            "company_id": COMPANY,
            "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
            "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
        },
        "automated_import": "invoice",
    }
    return members | changes


def grid_row(**changes: Any) -> ProcoreInvoice:  # noqa: ANN401  # any member
    """An approved Procore invoice that is not imported yet."""
    members: dict[str, Any] = {
        "version": 1,
        "company_id": COMPANY,
        "project_id": PROJECT,
        "project_name": "Harbour House",
        "requisition_id": REQUISITION,
        "commitment": Commitment(id=3, number="SC-003", title="Concrete"),
        "vendor": Vendor(id=4, name="Acme Concrete"),
        "number": 7,
        "invoice_number": "A-100",
        "billing_date": date(2026, 3, 1),
        "net_due": "900.00",
        "procore_status": "approved",
        "content_hash": "c1",
    }
    return ProcoreInvoice.model_validate(members | changes)


def row_state(vault_id: str = VAULT, **changes: Any) -> ProcoreInvoiceState:  # noqa: ANN401  # any member
    """What import-service tells of a row."""
    row = grid_row(**changes)
    return ProcoreInvoiceState(version=row.version, change=CHANGE, vault_id=vault_id, row=row)


def imported(version: int = 2, requisition_id: int = REQUISITION, **changes: Any) -> InvoiceState:  # noqa: ANN401  # any member of the invoice
    """What import-service tells after an import: the AP invoice with its row."""
    source = InvoiceSource(
        company_id=COMPANY,
        project_id=PROJECT,
        commitment_id=3,
        requisition_id=requisition_id,
        updated_at=DAWN,
        content_hash="c1",
        imported_by="operator",
        imported_at=DAWN,
        how="manual",
    )
    members: dict[str, Any] = {"id": uuid4(), "created_at": DAWN, "created_by": "operator", "source": source}
    invoice = Invoice.model_validate(members | changes)
    row = grid_row(
        version=version,
        requisition_id=requisition_id,
        import_state="imported",
        invoice_id=invoice.id,
        invoice_status=invoice.status,
    )
    change = Change(what="imported", at=DAWN, by="operator")
    return InvoiceState(version=version, change=change, vault_id=VAULT, invoice=invoice, row=row)


def project_state(**changes: Any) -> ProjectState:  # noqa: ANN401  # any member
    """What import-service tells of a project."""
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "vault_id": VAULT,
        "project_id": PROJECT,
        "name": "Harbour House",
        "as_of": DAWN,
    }
    return ProjectState.model_validate(members | changes)


def request_state(message_id: UUID, **changes: Any) -> RequestState:  # noqa: ANN401  # any member
    """What cloud-service tells of a request."""
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "id": uuid4(),
        "message_id": message_id,
        "vault_id": VAULT,
        "project_id": PROJECT,
        "requisition_id": REQUISITION,
        "how": "reprocess",
        "received_from": "gateway",
        "requested_by": "operator",
        "status": "sent",
        "received_at": DAWN,
    }
    return RequestState.model_validate(members | changes)


def refusal(command_id: UUID, **changes: Any) -> CommandRefused:  # noqa: ANN401  # any member
    """What import-service answers to a command that it refuses."""
    members: dict[str, Any] = {
        "vault_id": VAULT,
        "command_id": command_id,
        "command_subject": f"requisition/{VAULT}/{REQUISITION}",
        "problem": Problem(code="status_not_accepted", message="Its status in Procore is 'draft'."),
    }
    return CommandRefused.model_validate(members | changes)


def allocation(**changes: Any) -> AllocationState:  # noqa: ANN401  # any member
    """What payment-backfiller tells of a matched and written allocation."""
    match = Match(
        invoice_id=uuid4(),
        project_id=PROJECT,
        commitment_id=3,
        requisition_id=REQUISITION,
        key="invoice_number",
        evidence="Vendor ACME and invoice number A-100.",
    )
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "id": uuid4(),
        "vault_id": VAULT,
        "ledger": "sage-main",
        "payment": LedgerPayment(id="p1", number="1001", date=date(2026, 3, 2), method="check"),
        "bill": Bill(id="b1", vendor_code="ACME", invoice_number="A-100"),
        "cash": "900.00",
        "discount": "0",
        "credit": "0",
        "currency": "USD",
        "match": match,
        "write_back": WriteBack.model_validate({"state": "written", "amount": "900.00"}),
    }
    return AllocationState.model_validate(members | changes)


def commitment_payments(**changes: Any) -> CommitmentPaymentsState:  # noqa: ANN401  # any member
    """What payment-backfiller tells of a commitment that it compared with Procore."""
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "vault_id": VAULT,
        "project_id": PROJECT,
        "commitment_id": 3,
        "listed_at": DAWN,
        "ours": "900.00",
        "others": "0.00",
    }
    return CommitmentPaymentsState.model_validate(members | changes)


def invoice_payments(invoice_id: UUID, **changes: Any) -> InvoicePaymentsState:  # noqa: ANN401  # any member
    """What payment-backfiller tells of a paid AP invoice."""
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "vault_id": VAULT,
        "invoice_id": invoice_id,
        "requisition_id": REQUISITION,
        "payment_state": "paid",
        "payable": "900.00",
        "cash": "900.00",
        "discount": "0",
        "credit": "0",
        "currency": "USD",
    }
    return InvoicePaymentsState.model_validate(members | changes)


def job_state(**changes: Any) -> JobState:  # noqa: ANN401  # any member
    """What payment-backfiller tells of a job."""
    members: dict[str, Any] = {
        "version": 1,
        "change": CHANGE,
        "vault_id": VAULT,
        "job": "payment_retrieval",
        "enabled": True,
        "schedule": "0 * * * *",
        "status": "ok",
    }
    return JobState.model_validate(members | changes)


@dataclass(frozen=True)
class Told:
    """A message as the events intake hands it over."""

    message: Message
    envelope: Envelope


def told(message: Message, cause: UUID | None = None) -> Told:
    """A received event, caused by a command if so."""
    envelope = Envelope(
        id=uuid4(),
        type=message.TYPE,
        source="elsewhere",
        subject=message.subject(),
        time=DAWN,
        correlation_id="story",
        causation_id=cause,
    )
    return Told(message, envelope)


@dataclass
class Door:
    """The API on a database, without broker and worker: the test plays all other services."""

    database: Database
    client: httpx.AsyncClient
    vault: dict[str, Any] = field(default_factory=dict)

    async def tell(self, *messages: Message, cause: UUID | str | None = None) -> None:
        """Have events projected in one batch."""
        causing = UUID(str(cause)) if cause else None
        async with self.database.transaction() as tx:
            await project_events(tx, [told(message, causing) for message in messages])

    async def get(self, path: str, **params: Any) -> Any:  # noqa: ANN401  # JSON
        """The JSON of a path under the vault, which must answer 200."""
        response = await self.client.get(f"/v1/vaults/{VAULT}{path}", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: object = None, *, wait: int = 0) -> httpx.Response:
        """Post under the vault."""
        headers = {"Prefer": f"wait={wait}"}
        return await self.client.post(f"/v1/vaults/{VAULT}{path}", json=body, headers=headers)

    async def operation(self, operation_id: str) -> Any:  # noqa: ANN401  # JSON
        """An operation as it is now."""
        return (await self.client.get(f"/v1/operations/{operation_id}")).json()

    async def next_sent(self, number: int) -> UUID:
        """Wait until so many messages are in the outbox; gives the last one's id."""
        while len(sent := await self.sent()) < number:  # noqa: ASYNC110  # another task's row has no event
            await asyncio.sleep(0.02)
        identity: UUID = sent[-1]["id"]
        return identity

    async def sent(self) -> list[dict[str, Any]]:
        """The outbox, the oldest first."""
        outbox = self.database.tables.outbox
        async with self.database.reading() as session:
            rows = await session.execute(select(outbox).order_by(outbox.c.seq))
            return [dict(row) for row in rows.mappings()]


def client_of(database: Database, bell: OperationBell, **options: Any) -> httpx.AsyncClient:  # noqa: ANN401  # of the app
    """An HTTP client of the API, with the operator's key."""
    app = create_app(Tools(database, bell), key=SecretStr(KEY), **options)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}", "If-Match": "*"}
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)
