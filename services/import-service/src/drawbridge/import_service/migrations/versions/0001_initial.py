"""The first tables of the schema imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.persistence import create_core_tables, drop_core_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "imports"
MONEY = sa.Numeric(20, 4)
RATE = sa.Numeric(24, 8)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_core_tables(op)
    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("header", JSONB(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("gross", MONEY, nullable=True),
        sa.Column("retainage_held", MONEY, nullable=True),
        sa.Column("retainage_released", MONEY, nullable=True),
        sa.Column("tax", MONEY, nullable=True),
        sa.Column("net_due", MONEY, nullable=True),
        sa.Column("vendor_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("comparable_number", sa.String(), nullable=True),
        sa.Column("source", JSONB(), nullable=True),
        sa.Column("warnings", JSONB(), nullable=False),
        sa.Column("overrides", JSONB(), nullable=False),
        sa.Column("ledger", JSONB(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("processed_at", INSTANT, nullable=True),
        sa.Column("processed_by", sa.String(), nullable=True),
        sa.Column("removed", JSONB(none_as_null=True), nullable=True),
        sa.Column("raw", JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("status IN ('unprocessed', 'processed')", name=op.f("ck_invoices_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_invoices_vendor_number",
        "invoices",
        ["vault_id", "vendor_id", "comparable_number"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("comparable_number IS NOT NULL"),
    )
    op.create_index(
        "uq_invoices_requisition",
        "invoices",
        ["vault_id", "requisition_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("requisition_id IS NOT NULL"),
    )
    op.create_table(
        "procore_invoices",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_name", sa.String(), nullable=False),
        sa.Column("commitment", JSONB(), nullable=False),
        sa.Column("vendor", JSONB(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("billing_date", sa.Date(), nullable=True),
        sa.Column("net_due", MONEY, nullable=True),
        sa.Column("retainage", MONEY, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("procore_status", sa.String(), nullable=False),
        sa.Column("procore_created_at", INSTANT, nullable=True),
        sa.Column("procore_updated_at", INSTANT, nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("import_state", sa.String(), nullable=False),
        sa.Column("importable_since", INSTANT, nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("held_reason", sa.String(), nullable=True),
        sa.Column("drift", JSONB(), nullable=True),
        sa.Column("queue_document", JSONB(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_status", sa.String(), nullable=True),
        sa.Column("imported_at", INSTANT, nullable=True),
        sa.Column("imported_by", sa.String(), nullable=True),
        sa.Column("imported_how", sa.String(), nullable=True),
        sa.Column("imported_hash", sa.String(), nullable=True),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("raw", JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "import_state IN ('not_imported', 'in_queue', 'imported', 'error', 'held')",
            name=op.f("ck_procore_invoices_import_state"),
        ),
        sa.PrimaryKeyConstraint("vault_id", "requisition_id", name=op.f("pk_procore_invoices")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_procore_invoices_project",
        "procore_invoices",
        ["vault_id", "project_id"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "projects",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=True),
        sa.Column("swept_at", INSTANT, nullable=True),
        sa.Column("next_sync_at", INSTANT, nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("waiting", JSONB(), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("webhook", JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "project_id", name=op.f("pk_projects")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_projects_next_sync_at"), "projects", ["next_sync_at"], unique=False, schema=SCHEMA
    )
    op.create_table(
        "webhooks",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hook_id", sa.String(), nullable=True),
        sa.Column("own_user_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("settings_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_check_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "project_id", name=op.f("pk_webhooks")),
        schema=SCHEMA,
    )
    op.create_table(
        "queue_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("warnings", JSONB(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("raw", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_documents")),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_queue_documents_requisition",
        "queue_documents",
        ["vault_id", "requisition_id"],
        unique=True,
        schema=SCHEMA,
    )
    op.create_table(
        "sync_requests",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_sync_requests")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_sync_requests_project", "sync_requests", ["vault_id", "project_id"], unique=False, schema=SCHEMA
    )
    op.create_table(
        "vaults",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("next_listing_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("vault_id", name=op.f("pk_vaults")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_vaults_company_id"), "vaults", ["company_id"], unique=False, schema=SCHEMA)
    op.create_table(
        "invoice_payments",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("payment_state", sa.String(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "invoice_id", name=op.f("pk_invoice_payments")),
        schema=SCHEMA,
    )
    op.create_table(
        "vendor_codes",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("procore_code", sa.String(), nullable=True),
        sa.Column("hand_code", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "vendor_id", name=op.f("pk_vendor_codes")),
        schema=SCHEMA,
    )
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("procore_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("cost_code", sa.String(), nullable=True),
        sa.Column("wbs_code", sa.String(), nullable=True),
        sa.Column("cost_type", sa.String(), nullable=True),
        sa.Column("quantity", RATE, nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("unit_price", RATE, nullable=True),
        sa.Column("scheduled_value", MONEY, nullable=False),
        sa.Column("work_this_period", MONEY, nullable=False),
        sa.Column("materials_stored", MONEY, nullable=False),
        sa.Column("retainage_held", MONEY, nullable=False),
        sa.Column("retainage_released", MONEY, nullable=False),
        sa.Column("tax", MONEY, nullable=False),
        sa.Column("net", MONEY, nullable=False),
        sa.Column("coded_account", sa.String(), nullable=True),
        sa.Column("coded_job", sa.String(), nullable=True),
        sa.Column("coded_cost_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"], [f"{SCHEMA}.invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_lines")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in (
        "invoice_lines",
        "vendor_codes",
        "invoice_payments",
        "vaults",
        "sync_requests",
        "queue_documents",
        "webhooks",
        "projects",
        "procore_invoices",
        "invoices",
    ):
        op.drop_table(table, schema=SCHEMA)
    drop_core_tables(op)
