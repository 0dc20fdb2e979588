"""Everything the double knows: records, tokens, limits, faults and its own ledger of writes."""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from drawbridge.sandbox.procore.faults import FaultPlan
from drawbridge.sandbox.procore.invoices.contract import Contract
from drawbridge.sandbox.procore.limits import Meter, RateLimits
from drawbridge.sandbox.procore.values import Ids, Record
from drawbridge.sandbox.procore.webhooks import Webhooks

TOKEN_SECONDS = 5_400
DEFAULT_CLIENTS = {"sandbox-client": "sandbox-secret"}


class WriteRecord(BaseModel):
    """One write that reached the double, as it saw it; the outside truth that tests count."""

    method: str
    path: str
    query: str
    body: Any
    client: str
    received_at: datetime
    status: int | None = None
    applied_at: datetime | None = None
    dropped: bool = False


@dataclass(frozen=True)
class Token:
    """An access token: which app it belongs to and when it was issued (UTC)."""

    client: str
    issued_at: datetime


@dataclass
class PaymentRow:
    """A contract payment: what the API shows, and what it never shows again."""

    public: Record
    created_by: str
    payment_method: str | None = None
    invoice_date: str | None = None


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass
class Procore:
    """One company in one Procore, all in memory."""

    company_id: int
    company_name: str = "Harbor Ridge Builders"
    clients: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_CLIENTS))
    limits: RateLimits = field(default_factory=RateLimits)
    now: Callable[[], datetime] = utc_now
    ids: Ids = field(default_factory=Ids)
    projects: dict[int, Record] = field(default_factory=dict)
    vendors: dict[int, Record] = field(default_factory=dict)
    contracts: dict[int, Contract] = field(default_factory=dict)
    periods: dict[int, Record] = field(default_factory=dict)
    requisitions: dict[int, Record] = field(default_factory=dict)
    payments: dict[int, PaymentRow] = field(default_factory=dict)
    whole: dict[int, Record] = field(default_factory=dict)
    """The readable form of each broken requisition, put back when it is mended."""
    negative_payments: bool = True
    """Whether contract payments below zero are accepted; nobody has documented what Procore does."""
    hidden: set[int] = field(default_factory=set)
    """Projects and commitments that the app may not see."""
    facts: Record = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    meters: dict[str, Meter] = field(default_factory=dict)
    faults: FaultPlan = field(default_factory=FaultPlan)
    calls: Counter[str] = field(default_factory=Counter)
    """How often each ``METHOD path`` of the API was called, refused calls included."""
    writes: list[WriteRecord] = field(default_factory=list)
    webhooks: Webhooks = field(default_factory=Webhooks)

    def issue_token(self, client: str) -> tuple[str, Token]:
        """A fresh access token for an app."""
        text, token = secrets.token_urlsafe(32), Token(client, self.now())
        self.tokens[text] = token
        return text, token

    def live_token(self, authorization: str) -> Token | None:
        """The token of an ``Authorization`` header, None where it is unknown or too old."""
        scheme, _, text = authorization.partition(" ")
        token = self.tokens.get(text.strip()) if scheme.lower() == "bearer" else None
        if token and (self.now() - token.issued_at).total_seconds() < TOKEN_SECONDS:
            return token
        return None

    def meter(self, client: str) -> Meter:
        """The rate limit meter of an app."""
        return self.meters.setdefault(client, Meter(self.limits))

    def visible(self, requisition: Record) -> bool:
        """Whether the app may see a requisition: its project and its commitment must not be hidden."""
        return not {requisition["project_id"], requisition["commitment_id"]} & self.hidden

    def payments_of(self, commitment_id: int) -> list[PaymentRow]:
        """The payments issued on a commitment, oldest first."""
        return [row for row in self.payments.values() if row.public["contract_id"] == commitment_id]

    def paid(self, commitment_id: int) -> Decimal:
        """Total of the payments issued on a commitment."""
        rows = self.payments_of(commitment_id)
        return sum((Decimal(row.public["amount"]) for row in rows), Decimal(0))
