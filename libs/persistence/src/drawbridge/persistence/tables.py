"""The tables that every schema has: outbox, inbox, work items, epoch, history and others' snapshots."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.persistence.rows import service_metadata

if TYPE_CHECKING:
    from alembic.operations import Operations


@dataclass(frozen=True, slots=True)
class CoreTables:
    """The core tables of one schema."""

    outbox: Table
    inbox: Table
    work_items: Table
    epoch: Table
    history: Table
    snapshots: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """In the order of creation."""
        return self.outbox, self.inbox, self.work_items, self.epoch, self.history, self.snapshots


def core_tables(metadata: MetaData) -> CoreTables:
    """Register the core tables in a service's metadata, so that Alembic's comparison knows them."""
    return CoreTables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        work_items=_work_items(metadata),
        epoch=_epoch(metadata),
        history=_history(metadata),
        snapshots=_snapshots(metadata),
    )


def create_core_tables(op: "Operations") -> None:
    """Create the core tables in the service's first migration: ``create_core_tables(op)``."""
    tables = _of_migration(op)
    tables.outbox.metadata.create_all(op.get_bind(), tables=tables.all)
    op.execute(tables.epoch.insert().values(id=1, epoch=0))


def drop_core_tables(op: "Operations") -> None:
    """Undo `create_core_tables`."""
    tables = _of_migration(op)
    tables.outbox.metadata.drop_all(op.get_bind(), tables=tables.all)


def _of_migration(op: "Operations") -> CoreTables:
    schema = op.get_context().version_table_schema
    if schema is None:
        raise ValueError("The migration environment names no schema; use run_environment(metadata, schema).")
    return core_tables(service_metadata(schema))


def _instant(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _outbox(metadata: MetaData) -> Table:
    """Messages to send. ``properties`` is set where a message goes out as it came (parking, replay)."""
    unsent = text("published_at IS NULL AND quarantined_at IS NULL")
    return Table(
        "outbox",
        metadata,
        Column("id", Uuid(), primary_key=True),
        Column("seq", BigInteger(), Identity(always=True), nullable=False),
        Column("aggregatetype", Text(), nullable=False),
        Column("aggregateid", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        Column("exchange", Text(), nullable=False),
        Column("routing_key", Text(), nullable=False),
        Column("payload", LargeBinary(), nullable=False),
        Column("headers", JSONB(), nullable=False),
        Column("properties", JSONB(none_as_null=True)),
        Column("correlation_id", Text()),
        Column("causation_id", Uuid()),
        Column("traceparent", Text()),
        _instant("created_at"),
        _instant("published_at", nullable=True),
        Column("attempts", Integer(), nullable=False, server_default="0"),
        _instant("next_attempt_at", nullable=True),
        Column("last_error", Text()),
        _instant("quarantined_at", nullable=True),
        Index("ix_outbox_unsent", "seq", postgresql_where=unsent),
        Index("ix_outbox_published_at", "published_at", postgresql_where=text("published_at IS NOT NULL")),
    )


def _inbox(metadata: MetaData) -> Table:
    """Messages already handled. ``fingerprint`` tells a repeat from another message under the same id."""
    return Table(
        "inbox",
        metadata,
        Column("key", Text(), primary_key=True),
        Column("fingerprint", Text()),
        _instant("received_at", now=True),
        Index("ix_inbox_received_at", "received_at"),
    )


def _work_items(metadata: MetaData) -> Table:
    return Table(
        "work_items",
        metadata,
        Column("id", Uuid(), primary_key=True),
        Column("kind", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("vault_id", Text(), nullable=False),
        Column("payload", JSONB(), nullable=False),
        Column("correlation_id", Text(), nullable=False),
        Column("causation_id", Uuid()),
        Column("traceparent", Text()),
        Column("priority", SmallInteger(), nullable=False),
        Column("is_unique", Boolean(), nullable=False),
        Column("asked_again", Boolean(), nullable=False, server_default=text("false")),
        Column("attempts", Integer(), nullable=False, server_default="0"),
        _instant("next_attempt_at"),
        Column("waiting_reason", Text()),
        Column("last_error", JSONB(none_as_null=True)),
        Column("lease_token", Uuid()),
        _instant("leased_until", nullable=True),
        Column("origin", JSONB(none_as_null=True)),
        _instant("created_at"),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
        Index("uq_work_items_unfinished", "kind", "subject", unique=True, postgresql_where=text("is_unique")),
        Index("ix_work_items_due", "vault_id", "priority", "next_attempt_at"),
        Index("ix_work_items_leased", "leased_until", postgresql_where=text("leased_until IS NOT NULL")),
    )


def _epoch(metadata: MetaData) -> Table:
    """One row: raised after a restore, so that a restored schema's versions are believed again."""
    return Table(
        "epoch",
        metadata,
        Column("id", SmallInteger(), primary_key=True, autoincrement=False),
        Column("epoch", Integer(), nullable=False),
        CheckConstraint("id = 1", name="one_row"),
    )


def _history(metadata: MetaData) -> Table:
    """Every change that this service has told of its own subjects (`Transaction.send` writes it)."""
    return Table(
        "own_history",
        metadata,
        Column("subject", Text(), primary_key=True),
        Column("version", BigInteger(), primary_key=True, autoincrement=False),
        Column("change", JSONB(), nullable=False),
    )


def _snapshots(metadata: MetaData) -> Table:
    """Other services' snapshots that are finished; ``settled_at`` is when all of one was here, too."""
    return Table(
        "snapshots",
        metadata,
        Column("id", Text(), primary_key=True),
        Column("owner", Text(), nullable=False),
        Column("epoch", Integer(), nullable=False),
        _instant("started_at"),
        Column("counts", JSONB(), nullable=False),
        _instant("settled_at", nullable=True),
        Column("removed", JSONB(none_as_null=True)),
    )
