"""The first tables of the schema payments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.persistence import create_core_tables, drop_core_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "payments"
TABLES = (
    "allocations",
    "bills",
    "commitments",
    "cursors",
    "foreign_covers",
    "invoice_payments",
    "invoices",
    "jobs",
    "ledger_payments",
    "runs",
    "vaults",
)


def upgrade() -> None:
    create_core_tables(op)
    _allocations()
    _bills()
    _commitments()
    _cursors()
    _foreign_covers()
    _invoice_payments()
    _invoices()
    _jobs()
    _ledger_payments()
    _runs()
    _vaults()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema=SCHEMA)
    drop_core_tables(op)


def _bills() -> None:
    op.create_table(
        "bills",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("vendor_code", sa.String(), nullable=False),
        sa.Column("vendor_key", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("retainage", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invoice_id", sa.Uuid()),
        sa.Column("match_key", sa.String()),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("unmatched_reason", sa.String(), nullable=False),
        sa.Column("candidates", JSONB(), nullable=False),
        sa.Column("kept_apart", JSONB(), nullable=False),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "id", name="pk_bills"),
        sa.UniqueConstraint("vault_id", "invoice_id", name="uq_bills_vault_id_invoice_id"),
        schema=SCHEMA,
    )
    op.create_index("ix_bills_vendor", "bills", ["vault_id", "vendor_key"], unique=False, schema=SCHEMA)
    op.create_index(
        "ix_bills_unsettled",
        "bills",
        ["vault_id", "id"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("unsettled"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("ledger", sa.String(), nullable=False),
        sa.Column("cursor", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("vault_id", "ledger", name="pk_cursors"),
        schema=SCHEMA,
    )


def _invoice_payments() -> None:
    op.create_table(
        "invoice_payments",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_state", sa.String(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", name="pk_invoice_payments"),
        schema=SCHEMA,
    )


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String()),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vendor_code", sa.String()),
        sa.Column("vendor_key", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String()),
        sa.Column("net_due", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("retainage_held", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("ledger_bill_id", sa.String()),
        sa.Column("match_keys", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unknown_since", sa.DateTime(timezone=True)),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("traceparent", sa.String()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_invoices_commitment",
        "invoices",
        ["vault_id", "project_id", "commitment_id"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_index(
        "ix_invoices_ledger_bill", "invoices", ["vault_id", "ledger_bill_id"], unique=False, schema=SCHEMA
    )
    op.create_index(
        "ix_invoices_unknown",
        "invoices",
        ["vault_id"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("unknown_since IS NOT NULL"),
    )
    op.create_index(
        "ix_invoices_exact", "invoices", ["vault_id", sa.literal_column("(match_keys[1])")], schema=SCHEMA
    )
    op.create_index(
        "ix_invoices_match_keys",
        "invoices",
        ["match_keys"],
        unique=False,
        schema=SCHEMA,
        postgresql_using="gin",
    )
    op.create_index("ix_invoices_vendor", "invoices", ["vault_id", "vendor_key"], unique=False, schema=SCHEMA)


def _ledger_payments() -> None:
    op.create_table(
        "ledger_payments",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String()),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("bank_account", sa.String()),
        sa.Column("payee", sa.String()),
        sa.Column("joint_payee", sa.String()),
        sa.Column("posted", sa.Boolean(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "method IN ('check', 'credit_card', 'electronic')", name="ck_ledger_payments_method"
        ),
        sa.PrimaryKeyConstraint("vault_id", "id", name="pk_ledger_payments"),
        schema=SCHEMA,
    )


def _vaults() -> None:
    op.create_table(
        "vaults",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String()),
        sa.Column("settings", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vaults"),
        schema=SCHEMA,
    )


def _allocations() -> None:
    op.create_table(
        "allocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("ledger", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("bill_id", sa.String(), nullable=False),
        sa.Column("cash", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("discount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("credit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("write_state", sa.String(), nullable=False),
        sa.Column("wanted", JSONB()),
        sa.Column("sent", JSONB()),
        sa.Column("intent_at", sa.DateTime(timezone=True)),
        sa.Column("deadline", sa.DateTime(timezone=True)),
        sa.Column("contract_payment_id", sa.BigInteger()),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("written_amount", sa.Numeric(precision=20, scale=4)),
        sa.Column("written_project_id", sa.BigInteger()),
        sa.Column("written_commitment_id", sa.BigInteger()),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("locked", JSONB()),
        sa.Column("offset_id", sa.BigInteger()),
        sa.Column("overridden", JSONB(), nullable=False),
        sa.Column("dismissed", JSONB()),
        sa.Column("problem", JSONB()),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", JSONB()),
        sa.CheckConstraint(
            "write_state IN ('not_needed', 'planned', 'sending', 'written', "
            "'covered_by_foreign', 'removed', 'offset', 'needs_hand', 'resolved')",
            name="ck_allocations_write_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_allocations"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_allocations_bill", "allocations", ["vault_id", "bill_id"], unique=False, schema=SCHEMA
    )
    op.create_index(
        "ix_allocations_payment", "allocations", ["vault_id", "payment_id"], unique=False, schema=SCHEMA
    )
    op.create_index(
        "ix_allocations_written",
        "allocations",
        ["vault_id", "written_project_id", "written_commitment_id"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("written_commitment_id IS NOT NULL"),
    )
    op.create_index(
        "ix_allocations_ours",
        "allocations",
        ["vault_id", "bill_id"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("state IS NOT NULL OR write_state <> 'not_needed'"),
    )


def _commitments() -> None:
    op.create_table(
        "commitments",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wanted", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", JSONB()),
        sa.PrimaryKeyConstraint("vault_id", "project_id", "commitment_id", name="pk_commitments"),
        schema=SCHEMA,
    )


def _foreign_covers() -> None:
    op.create_table(
        "foreign_covers",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("contract_payment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "contract_payment_id", name="pk_foreign_covers"),
        sa.UniqueConstraint("allocation_id", name="uq_foreign_covers_allocation_id"),
        schema=SCHEMA,
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True)),
        sa.Column("last_run_id", sa.Uuid()),
        sa.Column("last_run_at", sa.DateTime(timezone=True)),
        sa.Column("failing", sa.String(), nullable=False),
        sa.Column("state", JSONB()),
        sa.CheckConstraint("job IN ('payment_retrieval', 'check_backfill')", name="ck_jobs_job"),
        sa.PrimaryKeyConstraint("vault_id", "job", name="pk_jobs"),
        schema=SCHEMA,
    )
    op.create_index("ix_jobs_next_run_at", "jobs", ["next_run_at"], unique=False, schema=SCHEMA)


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("log", JSONB(), nullable=False),
        sa.Column("problem", JSONB()),
        sa.CheckConstraint("status IN ('running', 'done', 'failed')", name="ck_runs_status"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        schema=SCHEMA,
    )
    op.create_index("ix_runs_job", "runs", ["vault_id", "job", "started_at"], unique=False, schema=SCHEMA)
