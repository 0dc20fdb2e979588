"""The tables of the schema ``imports``."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Table, text
from sqlmodel import Field, SQLModel

from drawbridge.persistence import big_id, core_tables, json_column, money, rate, service_metadata, utc

SCHEMA = "imports"

metadata = service_metadata(SCHEMA)
core = core_tables(metadata)

JsonObject = dict[str, Any]


class Row(SQLModel):
    """Base of all rows of this schema."""

    metadata = metadata


class VaultRow(Row, table=True):
    """A vault's settings in their highest known version; ``next_listing_at`` is for its projects."""

    __tablename__ = "vaults"

    vault_id: str = Field(primary_key=True)
    company_id: int = big_id(index=True)
    active: bool
    settings: JsonObject = json_column()
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    next_listing_at: datetime = utc()


class ProjectRow(Row, table=True):
    """A Procore project of a vault; ``next_sync_at`` is when the schedule re-reads it.

    ``swept_at`` is the start of the last re-read of all invoices, ``as_of`` that of the last of any kind.
    """

    __tablename__ = "projects"

    vault_id: str = Field(primary_key=True)
    project_id: int = big_id(primary_key=True)
    name: str
    number: str
    active: bool
    as_of: datetime | None = utc(nullable=True)
    swept_at: datetime | None = utc(nullable=True)
    next_sync_at: datetime = utc(index=True)
    invoices: int
    waiting: JsonObject | None = json_column(nullable=True)
    problem: JsonObject | None = json_column(nullable=True)
    webhook: JsonObject | None = json_column(nullable=True)
    version: int = big_id()


class SyncRequestRow(Row, table=True):
    """A command that waits for the project's unfinished sync; each is answered on its own."""

    __tablename__ = "sync_requests"
    __table_args__ = (Index("ix_sync_requests_project", "vault_id", "project_id"),)

    message_id: UUID = Field(primary_key=True)
    vault_id: str
    project_id: int = big_id()
    correlation_id: str
    traceparent: str | None = None


class WebhookRow(Row, table=True):
    """The hook of one project in Procore, as it was last looked at; ``next_check_at`` is when it is again.

    ``own_user_id`` is the app's own user: what they change is no news. ``settings_version`` is the vault's at
    that look.
    """

    __tablename__ = "webhooks"

    vault_id: str = Field(primary_key=True)
    project_id: int = big_id(primary_key=True)
    hook_id: str | None = None
    own_user_id: int | None = big_id(nullable=True)
    settings_version: int = big_id()
    next_check_at: datetime = utc()


class ProcoreInvoiceRow(Row, table=True):
    """One row of the grid. ``imported_hash`` is what its AP invoice was made from.

    ``seen_at`` is the start of the read that it shows, so that an older read never wins; ``raw`` is what
    that read brought.
    """

    __tablename__ = "procore_invoices"
    __table_args__ = (
        CheckConstraint(
            "import_state IN ('not_imported', 'in_queue', 'imported', 'error', 'held')", name="import_state"
        ),
        Index("ix_procore_invoices_project", "vault_id", "project_id"),
    )

    vault_id: str = Field(primary_key=True)
    requisition_id: int = big_id(primary_key=True)
    company_id: int = big_id()
    project_id: int = big_id()
    project_name: str
    commitment: JsonObject = json_column()
    vendor: JsonObject = json_column()
    number: int | None = big_id(nullable=True)
    invoice_number: str | None = None
    billing_date: date | None = None
    net_due: Decimal | None = money(nullable=True)
    retainage: Decimal | None = money(nullable=True)
    currency: str
    procore_status: str
    procore_created_at: datetime | None = utc(nullable=True)
    procore_updated_at: datetime | None = utc(nullable=True)
    content_hash: str
    import_state: str
    importable_since: datetime | None = utc(nullable=True)
    problem: JsonObject | None = json_column(nullable=True)
    retryable: bool
    held_reason: str | None = None
    drift: JsonObject | None = json_column(nullable=True)
    queue_document: JsonObject | None = json_column(nullable=True)
    invoice_id: UUID | None = None
    invoice_status: str | None = None
    imported_at: datetime | None = utc(nullable=True)
    imported_by: str | None = None
    imported_how: str | None = None
    imported_hash: str | None = None
    seen_at: datetime = utc()
    raw: JsonObject | None = json_column(nullable=True)
    version: int = big_id()


class QueueDocumentRow(Row, table=True):
    """An approved Procore invoice, fetched and waiting; at most one for each (vault, requisition)."""

    __tablename__ = "queue_documents"
    __table_args__ = (Index("uq_queue_documents_requisition", "vault_id", "requisition_id", unique=True),)

    id: UUID = Field(primary_key=True)
    vault_id: str
    requisition_id: int = big_id()
    content: JsonObject = json_column()
    warnings: list[JsonObject] = json_column()
    content_hash: str
    updated_at: datetime | None = utc(nullable=True)
    fetched_at: datetime = utc()
    raw: JsonObject = json_column()


class InvoiceRow(Row, table=True):
    """An AP invoice; ``header`` holds what is no amount, and ``raw`` what Procore sent, unrounded."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("status IN ('unprocessed', 'processed')", name="status"),
        Index(
            "uq_invoices_requisition",
            "vault_id",
            "requisition_id",
            unique=True,
            postgresql_where=text("requisition_id IS NOT NULL"),
        ),
        Index(
            "ix_invoices_vendor_number",
            "vault_id",
            "vendor_id",
            "comparable_number",
            postgresql_where=text("comparable_number IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    vault_id: str
    requisition_id: int | None = big_id(nullable=True)
    status: str
    revision: int
    header: JsonObject | None = json_column(nullable=True)
    currency: str | None = None
    gross: Decimal | None = money(nullable=True)
    retainage_held: Decimal | None = money(nullable=True)
    retainage_released: Decimal | None = money(nullable=True)
    tax: Decimal | None = money(nullable=True)
    net_due: Decimal | None = money(nullable=True)
    vendor_id: int | None = big_id(nullable=True)
    comparable_number: str | None = None
    source: JsonObject | None = json_column(nullable=True)
    warnings: list[JsonObject] = json_column()
    overrides: JsonObject = json_column()
    ledger: JsonObject = json_column()
    created_at: datetime = utc()
    created_by: str
    processed_at: datetime | None = utc(nullable=True)
    processed_by: str | None = None
    removed: JsonObject | None = json_column(nullable=True)
    raw: JsonObject | None = json_column(nullable=True)
    version: int = big_id()


class InvoiceLineRow(Row, table=True):
    """One line of an AP invoice; the ``coded_…`` members are what people added."""

    __tablename__ = "invoice_lines"
    invoice_id: UUID = Field(primary_key=True, foreign_key=f"{SCHEMA}.invoices.id")
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    procore_line_id: int = big_id()
    kind: str
    description: str
    cost_code: str | None = None
    wbs_code: str | None = None
    cost_type: str | None = None
    quantity: Decimal | None = rate(nullable=True)
    unit: str | None = None
    unit_price: Decimal | None = rate(nullable=True)
    scheduled_value: Decimal = money()
    work_this_period: Decimal = money()
    materials_stored: Decimal = money()
    retainage_held: Decimal = money()
    retainage_released: Decimal = money()
    tax: Decimal = money()
    net: Decimal = money()
    coded_account: str | None = None
    coded_job: str | None = None
    coded_cost_code: str | None = None


class InvoicePaymentsRow(Row, table=True):
    """What the ledger has paid of an AP invoice, as payment-backfiller last told it in ``data``."""

    __tablename__ = "invoice_payments"

    vault_id: str = Field(primary_key=True)
    invoice_id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    payment_state: str
    data: JsonObject = json_column()


class VendorCodeRow(Row, table=True):
    """A vendor of the vault's map; a code entered by hand goes before Procore's."""

    __tablename__ = "vendor_codes"

    vault_id: str = Field(primary_key=True)
    vendor_id: int = big_id(primary_key=True)
    name: str
    procore_code: str | None = None
    hand_code: str | None = None
    version: int = big_id()


def _table(row: type[Row]) -> Table:
    """The table behind a row class, for set-based statements."""
    return cast("Table", row.__table__)  # type: ignore[attr-defined]  # SQLModel adds it at run time


vaults = _table(VaultRow)
projects = _table(ProjectRow)
sync_requests = _table(SyncRequestRow)
webhooks = _table(WebhookRow)
procore_invoices = _table(ProcoreInvoiceRow)
queue_documents = _table(QueueDocumentRow)
invoices = _table(InvoiceRow)
invoice_lines = _table(InvoiceLineRow)
invoice_payments = _table(InvoicePaymentsRow)
vendor_codes = _table(VendorCodeRow)
