"""Rows that keep the ledger's facts. ``read_at``: when the ledger was asked; an older answer never wins."""

import datetime as dt
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from drawbridge.payment_backfiller.store.tables import Row
from drawbridge.persistence import json_column, money, utc


class BillRow(Row, table=True):
    """A bill of the ledger and the AP invoice that it is tied to, or why it is not.

    ``kept_apart``: ids of the AP invoices that a person parted it from. ``unsettled``: something about it or
    its payments has changed, and what follows for Procore is not decided yet.
    """

    __tablename__ = "bills"
    __table_args__ = (
        UniqueConstraint("vault_id", "invoice_id"),
        Index("ix_bills_vendor", "vault_id", "vendor_key"),
        Index("ix_bills_unsettled", "vault_id", "id", postgresql_where=text("unsettled")),
    )

    vault_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    vendor_code: str
    vendor_key: str
    invoice_number: str
    total: Decimal = money()
    retainage: Decimal = money()
    currency: str
    voided: bool
    read_at: datetime = utc()
    invoice_id: UUID | None = None
    match_key: str | None = None
    evidence: str = ""
    unmatched_reason: str = ""
    candidates: list[str] = json_column()
    kept_apart: list[str] = json_column()
    unsettled: bool = False


class PaymentRow(Row, table=True):
    """A payment of the ledger."""

    __tablename__ = "ledger_payments"
    __table_args__ = (CheckConstraint("method IN ('check', 'credit_card', 'electronic')", name="method"),)

    vault_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    number: str | None = None
    date: dt.date
    method: str
    bank_account: str | None = None
    payee: str | None = None
    joint_payee: str | None = None
    posted: bool
    voided: bool
    read_at: datetime = utc()


class CursorRow(Row, table=True):
    """A ledger that a vault has facts of, and how far payment retrieval has read it; `None`: not at all."""

    __tablename__ = "cursors"

    vault_id: str = Field(primary_key=True)
    ledger: str = Field(primary_key=True)
    cursor: datetime | None = utc(nullable=True)
