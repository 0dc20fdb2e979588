"""The metadata of the schema ``payments``, and the rows that keep what others told us: vaults, invoices."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from drawbridge.persistence import big_id, core_tables, json_column, money, service_metadata, utc

SCHEMA = "payments"
metadata = service_metadata(SCHEMA)
core = core_tables(metadata)


class Row(SQLModel):
    """Base of all rows of this schema."""

    metadata = metadata


class VaultRow(Row, table=True):
    """A vault's settings as the gateway last sent them. Its row lock is the lock of the vault's payments."""

    __tablename__ = "vaults"

    id: str = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    settings: dict[str, Any] = json_column()


class InvoiceRow(Row, table=True):
    """An AP invoice, as far as payments need it. ``imported``: it came from Procore.

    ``match_keys``: by what a bill finds it (`domain.numbers`), first by the exact key.
    ``unknown_since``: import-service does not know it any more, as after a restore, but a bill is tied to it.
    ``told_by`` and ``traceparent`` are the message that first told of it, and its trace: the traces of its
    payments link to that.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        Index("ix_invoices_vendor", "vault_id", "vendor_key"),
        Index("ix_invoices_ledger_bill", "vault_id", "ledger_bill_id"),
        Index("ix_invoices_commitment", "vault_id", "project_id", "commitment_id"),
        Index("ix_invoices_match_keys", "match_keys", postgresql_using="gin"),
        Index("ix_invoices_exact", "vault_id", text("(match_keys[1])")),
        Index("ix_invoices_unknown", "vault_id", postgresql_where=text("unknown_since IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    vault_id: str
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    imported: bool
    project_id: int = big_id()
    commitment_id: int = big_id()
    requisition_id: int = big_id()
    vendor_code: str | None = None
    vendor_key: str
    invoice_number: str | None = None
    net_due: Decimal = money()
    retainage_held: Decimal = money()
    currency: str
    ledger_bill_id: str | None = None
    match_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    unknown_since: datetime | None = utc(nullable=True)
    told_by: UUID
    traceparent: str | None = None
    changed_at: datetime = utc()


vaults = metadata.tables[f"{SCHEMA}.vaults"]
invoices = metadata.tables[f"{SCHEMA}.invoices"]


class InvoicePaymentsRow(Row, table=True):
    """What was last told about an AP invoice's payments; ``state`` is the event without its version."""

    __tablename__ = "invoice_payments"

    invoice_id: UUID = Field(primary_key=True)
    vault_id: str
    version: int = big_id()
    payment_state: str
    state: dict[str, Any] = json_column()
    changed_at: datetime = utc()
