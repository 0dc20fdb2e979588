"""The tables of the schema ``cloud``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Table, text
from sqlmodel import Field, SQLModel

from drawbridge.persistence import big_id, core_tables, json_column, service_metadata, utc

SCHEMA = "cloud"

metadata = service_metadata(SCHEMA)
core = core_tables(metadata)


class Row(SQLModel):
    """Base of this schema's tables."""

    metadata = metadata


class VaultRow(Row, table=True):
    """A vault's settings, as the gateway last sent them."""

    __tablename__ = "vaults"

    vault_id: str = Field(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    settings: dict[str, Any] = json_column()


class ProcoreInvoiceRow(Row, table=True):
    """A Procore invoice, as import-service last told of it; ``data`` is the contract's `ProcoreInvoice`."""

    __tablename__ = "procore_invoices"
    __table_args__ = (
        Index("ix_procore_invoices_importable", "vault_id", "import_state", "importable_since"),
    )

    vault_id: str = Field(primary_key=True)
    requisition_id: int = big_id(primary_key=True)
    version: int = big_id()
    told_at: datetime = utc()
    snapshot_id: str | None = None
    import_state: str
    importable_since: datetime | None = utc(nullable=True)
    data: dict[str, Any] = json_column()


class AutomationRow(Row, table=True):
    """What automation tried last for a Procore invoice (`domain.automation.marker_of`)."""

    __tablename__ = "automations"

    vault_id: str = Field(primary_key=True)
    requisition_id: int = big_id(primary_key=True)
    marker: str
    marked_at: datetime = utc()


class RequestRow(Row, table=True):
    """A request to import one Procore invoice; at most one of a vault's invoice is unfinished."""

    __tablename__ = "requests"
    __table_args__ = (
        CheckConstraint("how IN ('automated', 'reprocess')", name="how"),
        CheckConstraint("status IN ('waiting', 'sent', 'done', 'refused', 'failed')", name="status"),
        CheckConstraint("(finished_at IS NULL) = (status IN ('waiting', 'sent'))", name="finished"),
        Index(
            "uq_requests_unfinished",
            "vault_id",
            "requisition_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("uq_requests_command_id", "command_id", unique=True),
    )

    id: UUID = Field(primary_key=True)
    message_id: UUID | None
    vault_id: str
    project_id: int = big_id()
    requisition_id: int = big_id()
    how: str
    received_from: str
    requested_by: str
    received_at: datetime = utc()
    status: str
    command_id: UUID | None
    attempts: list[dict[str, Any]] = json_column()
    problem: dict[str, Any] | None = json_column(nullable=True)
    finished_at: datetime | None = utc(nullable=True)
    version: int = big_id()
    correlation_id: str
    causation_id: UUID | None
    traceparent: str | None


def _table(row: type[Row]) -> Table:
    return metadata.tables[f"{SCHEMA}.{row.__tablename__}"]


vaults = _table(VaultRow)
procore_invoices = _table(ProcoreInvoiceRow)
automations = _table(AutomationRow)
requests = _table(RequestRow)
