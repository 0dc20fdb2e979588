"""The tables of the schema ``gateway``.

A read-model table has the columns that lists filter and sort by, those that snapshots need, and ``data``: the
state as its owner sent it. Rows are rows, never inputs: table models do not validate.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, Table, Text, text
from sqlmodel import Field, SQLModel

from drawbridge.gateway.domain.operations import FINAL, OperationStatus
from drawbridge.persistence import big_id, core_tables, json_column, money, service_metadata, utc

SCHEMA = "gateway"
metadata = service_metadata(SCHEMA)
core = core_tables(metadata)

_FINAL = ", ".join(f"'{status}'" for status in FINAL)
_STATUSES = ", ".join(f"'{status}'" for status in get_args(OperationStatus))


ATTENTION = "import_state = 'error' OR drift IS NOT NULL"
"""Rows that show whatever the range is (product rule 1)."""


def _some(name: str, condition: str, *columns: str) -> Index:
    """An index of the grid's rows that fulfil a condition, for each vault."""
    name = f"ix_procore_invoices_{name}"
    return Index(name, "vault_id", *columns, postgresql_where=text(condition))


def _sorted_by_bytes() -> Any:  # noqa: ANN401  # a field, as SQLModel has them
    return Field(sa_column=Column(Text(collation="C"), nullable=False))


class Row(SQLModel):
    """Base of all rows."""

    metadata = metadata


class VaultRow(Row, table=True):
    """A vault's settings: the gateway owns them."""

    __tablename__ = "vaults"

    id: str = Field(primary_key=True)
    version: int = big_id()
    company_id: int = big_id(index=True)
    settings: dict[str, Any] = json_column()
    updated_at: datetime = utc()
    updated_by: str


class VaultProblemsRow(Row, table=True):
    """What one service found in the newest version of a vault's settings that it has seen."""

    __tablename__ = "vault_problems"

    vault_id: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    version: int = big_id()
    problems: list[dict[str, Any]] = json_column()


class ProjectRow(Row, table=True):
    """A Procore project of a vault."""

    __tablename__ = "projects"

    vault_id: str = Field(primary_key=True)
    project_id: int = big_id(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    name: str
    data: dict[str, Any] = json_column()


class ProcoreInvoiceRow(Row, table=True):
    """One row of the grid; there is an index for each sort and each filter.

    ``day`` is the billing date, else the day of creation in the vault's time zone. The three texts are in
    lower case and sorted by bytes, so that a prefix is a range of the index.
    """

    __tablename__ = "procore_invoices"
    __table_args__ = (
        Index("ix_procore_invoices_project", "vault_id", "project_id", "day", "requisition_id"),
        *(
            Index(f"ix_procore_invoices_{name}", "vault_id", name, "requisition_id")
            for name in ("day", "updated_at", "vendor", "net_due")
        ),
        Index("ix_procore_invoices_import_state", "vault_id", "import_state", "day", "requisition_id"),
        _some("payment_state", "payment_state IS NOT NULL", "payment_state", "day", "requisition_id"),
        _some("drift", "drift IS NOT NULL", "day", "requisition_id"),
        _some("attention", ATTENTION, "day", "requisition_id"),
        Index("ix_procore_invoices_invoice_number", "vault_id", "invoice_number", "requisition_id"),
        Index("ix_procore_invoices_commitment", "vault_id", "commitment", "requisition_id"),
        _some("invoice", "invoice_id IS NOT NULL", "invoice_id"),
        _some("queue", "queue_document_id IS NOT NULL", "requisition_id"),
        _some("queued", "queue_document_id IS NOT NULL", "queue_document_id"),
    )

    vault_id: str = Field(primary_key=True)
    requisition_id: int = big_id(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    company_id: int = big_id()
    project_id: int = big_id()
    commitment_id: int = big_id()
    billing_date: date | None = None
    procore_created_at: datetime | None = utc(nullable=True)
    day: date
    updated_at: datetime = utc()
    vendor: str = _sorted_by_bytes()
    invoice_number: str = _sorted_by_bytes()
    commitment: str = _sorted_by_bytes()
    net_due: Decimal = money()
    import_state: str
    payment_state: str | None = None
    drift: str | None = None
    invoice_id: UUID | None = None
    queue_document_id: UUID | None = None
    data: dict[str, Any] = json_column()


class InvoiceRow(Row, table=True):
    """An AP invoice."""

    __tablename__ = "invoices"
    __table_args__ = (
        Index("ix_invoices_list", "vault_id", "created_at", "id"),
        Index("ix_invoices_processed", "vault_id", "processed_at", "id"),
    )

    vault_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    status: str
    removed: bool
    requisition_id: int | None = big_id(nullable=True)
    created_at: datetime = utc()
    processed_at: datetime | None = utc(nullable=True)
    data: dict[str, Any] = json_column()


class VendorCodeRow(Row, table=True):
    """A vendor of a vault's map."""

    __tablename__ = "vendor_codes"

    vault_id: str = Field(primary_key=True)
    vendor_id: int = big_id(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    name: str
    data: dict[str, Any] = json_column()


class HistoryRow(Row, table=True):
    """One change of a subject; every version is kept, stale ones too."""

    __tablename__ = "history"

    subject: str = Field(primary_key=True)
    version: int = big_id(primary_key=True)
    what: str
    at: datetime = utc()
    by: str
    detail: str


class OperationRow(Row, table=True):
    """What a command of the API became."""

    __tablename__ = "operations"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        Index(
            "ix_operations_following",
            "vault_id",
            "request_id",
            postgresql_where=text(f"request_id IS NOT NULL AND status NOT IN ({_FINAL})"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    vault_id: str
    subject: str
    status: str
    attempts: int
    waiting_until: datetime | None = utc(nullable=True)
    waiting_reason: dict[str, Any] | None = json_column(nullable=True)
    request_id: UUID | None = None
    problem: dict[str, Any] | None = json_column(nullable=True)
    result: dict[str, Any] = json_column()
    differences: list[dict[str, Any]] = json_column()
    content_hash: str | None = None
    created_by: str
    created_at: datetime = utc()
    updated_at: datetime = utc()


class RequestRow(Row, table=True):
    """A request to import one Procore invoice by the vault's behavior."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_list", "vault_id", "received_at", "id"),
        Index("ix_requests_requisition", "vault_id", "requisition_id"),
    )

    vault_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    requisition_id: int = big_id()
    status: str
    received_at: datetime = utc()
    data: dict[str, Any] = json_column()


class AllocationRow(Row, table=True):
    """The part of a ledger payment that settles one bill."""

    __tablename__ = "allocations"
    __table_args__ = (
        Index("ix_allocations_list", "vault_id", "paid_on", "id"),
        Index("ix_allocations_requisition", "vault_id", "requisition_id"),
    )

    vault_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    project_id: int | None = big_id(nullable=True)
    commitment_id: int | None = big_id(nullable=True)
    requisition_id: int | None = big_id(nullable=True)
    unmatched: bool
    paid_on: date
    voided: bool
    cash: Decimal = money()
    discount: Decimal = money()
    credit: Decimal = money()
    issued: Decimal = money()
    write_state: str
    data: dict[str, Any] = json_column()


class CommitmentPaymentsRow(Row, table=True):
    """What Procore shows on a commitment, as it was last compared with the ledger."""

    __tablename__ = "commitment_payments"

    vault_id: str = Field(primary_key=True)
    commitment_id: int = big_id(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    data: dict[str, Any] = json_column()


class InvoicePaymentsRow(Row, table=True):
    """What the ledger has paid of one AP invoice."""

    __tablename__ = "invoice_payments"

    vault_id: str = Field(primary_key=True)
    invoice_id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    payment_state: str
    data: dict[str, Any] = json_column()


class JobRow(Row, table=True):
    """A payment job of a vault."""

    __tablename__ = "jobs"

    vault_id: str = Field(primary_key=True)
    job: str = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    data: dict[str, Any] = json_column()


class RunRow(Row, table=True):
    """One execution of a job."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_list", "vault_id", "job", "started_at", "id"),)

    vault_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    job: str
    started_at: datetime = utc()
    data: dict[str, Any] = json_column()


class SnapshotProgressRow(Row, table=True):
    """How far a snapshot is at its owner; what the request said, if it came through the API."""

    __tablename__ = "snapshot_progress"

    id: str = Field(primary_key=True)
    owner: str
    requested_by: str | None = None
    requested_at: datetime | None = utc(nullable=True)
    sent: int
    total: int
    problem: dict[str, Any] | None = json_column(nullable=True)


class ParkedRow(Row, table=True):
    """A message that nobody could handle. ``body`` and ``headers`` are for replay; people see ``preview``."""

    __tablename__ = "parked"
    __table_args__ = (
        CheckConstraint("state IN ('parked', 'replayed', 'discarded')", name="state"),
        Index("ix_parked_list", "state", "parked_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    message_id: str | None = None
    queue: str
    code: str
    reason: str
    advice: str
    type: str
    headers: dict[str, Any] = json_column()
    properties: dict[str, Any] = json_column()
    body: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    preview: Any = json_column(nullable=True)
    parked_at: datetime = utc()
    state: str
    settled_at: datetime | None = utc(nullable=True)
    settled_by: str | None = None
    settled_reason: str | None = None


class AuditRow(Row, table=True):
    """Who did what, when, and from which network address."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_vault", "vault_id", "id"),)

    id: int = Field(default=None, sa_column=Column(BigInteger(), Identity(always=True), primary_key=True))
    at: datetime = utc()
    caller: str
    address: str | None = None
    action: str
    vault_id: str | None = None
    subject: str
    correlation_id: str
    detail: dict[str, Any] = json_column()


def table(row: type[Row]) -> Table:
    """The table behind a row class, for statements on sets of rows."""
    found: Table = row.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models only
    return found
