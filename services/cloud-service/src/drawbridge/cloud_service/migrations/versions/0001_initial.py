"""The first tables of the schema cloud."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.persistence import create_core_tables, drop_core_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "cloud"


def upgrade() -> None:
    create_core_tables(op)
    op.create_table(
        "vaults",
        sa.Column("vault_id", sa.String(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String()),
        sa.Column("settings", JSONB(), nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "procore_invoices",
        sa.Column("vault_id", sa.String(), primary_key=True),
        sa.Column("requisition_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String()),
        sa.Column("import_state", sa.String(), nullable=False),
        sa.Column("importable_since", sa.DateTime(timezone=True)),
        sa.Column("data", JSONB(), nullable=False),
        sa.Index("ix_procore_invoices_importable", "vault_id", "import_state", "importable_since"),
        schema=SCHEMA,
    )
    op.create_table(
        "automations",
        sa.Column("vault_id", sa.String(), primary_key=True),
        sa.Column("requisition_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("marker", sa.String(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    create_requests()


def create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("received_from", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("command_id", sa.Uuid()),
        sa.Column("attempts", JSONB(), nullable=False),
        sa.Column("problem", JSONB()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("causation_id", sa.Uuid()),
        sa.Column("traceparent", sa.String()),
        sa.CheckConstraint("how IN ('automated', 'reprocess')", name="how"),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'done', 'refused', 'failed')", name="status"),
        sa.CheckConstraint("(finished_at IS NULL) = (status IN ('waiting', 'sent'))", name="finished"),
        sa.Index("uq_requests_command_id", "command_id", unique=True),
        sa.Index(
            "uq_requests_unfinished",
            "vault_id",
            "requisition_id",
            unique=True,
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("requests", "automations", "procore_invoices", "vaults"):
        op.drop_table(table, schema=SCHEMA)
    drop_core_tables(op)
