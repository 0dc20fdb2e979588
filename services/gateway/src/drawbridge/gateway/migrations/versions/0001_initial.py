"""The first tables of the schema gateway."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.persistence import create_core_tables, drop_core_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "gateway"
TABLES = (
    "allocations",
    "answers",
    "api_keys",
    "audit",
    "commitment_payments",
    "event_counters",
    "events",
    "grants",
    "history",
    "invoice_payments",
    "invoices",
    "jobs",
    "operations",
    "parked",
    "preferences",
    "procore_invoices",
    "projects",
    "requests",
    "runs",
    "snapshot_progress",
    "tickets",
    "vault_problems",
    "vaults",
    "vendor_codes",
)
GRID_INDEXES = (
    ("project", ("project_id", "day", "requisition_id"), None),
    ("day", ("day", "requisition_id"), None),
    ("updated_at", ("updated_at", "requisition_id"), None),
    ("vendor", ("vendor", "requisition_id"), None),
    ("net_due", ("net_due", "requisition_id"), None),
    ("import_state", ("import_state", "day", "requisition_id"), None),
    ("payment_state", ("payment_state", "day", "requisition_id"), "payment_state IS NOT NULL"),
    ("drift", ("day", "requisition_id"), "drift IS NOT NULL"),
    ("attention", ("day", "requisition_id"), "import_state = 'error' OR drift IS NOT NULL"),
    ("invoice_number", ("invoice_number", "requisition_id"), None),
    ("commitment", ("commitment", "requisition_id"), None),
    ("invoice", ("invoice_id",), "invoice_id IS NOT NULL"),
    ("queue", ("requisition_id",), "queue_document_id IS NOT NULL"),
    ("queued", ("queue_document_id",), "queue_document_id IS NOT NULL"),
)


def upgrade() -> None:
    create_core_tables(op)
    op.create_table(
        "allocations",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("commitment_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("unmatched", sa.Boolean(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("cash", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("discount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("credit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("issued", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("write_state", sa.String(), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "id", name=op.f("pk_allocations")),
        schema=SCHEMA,
    )
    op.create_index("ix_allocations_list", "allocations", ["vault_id", "paid_on", "id"], schema=SCHEMA)
    op.create_index(
        "ix_allocations_requisition", "allocations", ["vault_id", "requisition_id"], schema=SCHEMA
    )
    op.create_table(
        "answers",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSONB(none_as_null=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_answers")),
        schema=SCHEMA,
    )
    op.create_index("ix_answers_claimed_at", "answers", ["claimed_at"], schema=SCHEMA)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("roles", JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
        schema=SCHEMA,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("detail", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema=SCHEMA,
    )
    op.create_index("ix_audit_vault", "audit", ["vault_id", "id"], schema=SCHEMA)
    op.create_table(
        "event_counters",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", name=op.f("pk_event_counters")),
        schema=SCHEMA,
    )
    op.create_table(
        "events",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "number", name=op.f("pk_events")),
        schema=SCHEMA,
    )
    op.create_index("ix_events_at", "events", ["at"], schema=SCHEMA)
    op.create_table(
        "grants",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "vault_id", name=op.f("pk_grants")),
        schema=SCHEMA,
    )
    op.create_index("ix_grants_vault_id", "grants", ["vault_id"], schema=SCHEMA)
    op.create_table(
        "commitment_payments",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "commitment_id", name=op.f("pk_commitment_payments")),
        schema=SCHEMA,
    )
    op.create_table(
        "history",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "version", name=op.f("pk_history")),
        schema=SCHEMA,
    )
    op.create_table(
        "invoice_payments",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("payment_state", sa.String(), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "invoice_id", name=op.f("pk_invoice_payments")),
        schema=SCHEMA,
    )
    op.create_table(
        "invoices",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "id", name=op.f("pk_invoices")),
        schema=SCHEMA,
    )
    op.create_index("ix_invoices_list", "invoices", ["vault_id", "created_at", "id"], schema=SCHEMA)
    op.create_index("ix_invoices_processed", "invoices", ["vault_id", "processed_at", "id"], schema=SCHEMA)
    op.create_table(
        "jobs",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "job", name=op.f("pk_jobs")),
        schema=SCHEMA,
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("waiting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_reason", JSONB(none_as_null=True), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("problem", JSONB(none_as_null=True), nullable=True),
        sa.Column("result", JSONB(none_as_null=True), nullable=False),
        sa.Column("differences", JSONB(none_as_null=True), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'waiting', 'joined', 'done', 'refused', 'failed', 'parked')",
            name=op.f("ck_operations_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_operations_following",
        "operations",
        ["vault_id", "request_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("request_id IS NOT NULL AND status NOT IN ('done', 'refused', 'failed')"),
    )
    op.create_table(
        "parked",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("headers", JSONB(none_as_null=True), nullable=False),
        sa.Column("properties", JSONB(none_as_null=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("preview", JSONB(none_as_null=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_reason", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('parked', 'replayed', 'discarded')", name=op.f("ck_parked_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked")),
        schema=SCHEMA,
    )
    op.create_index("ix_parked_list", "parked", ["state", "parked_at", "id"], schema=SCHEMA)
    op.create_table(
        "preferences",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", JSONB(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_preferences")),
        schema=SCHEMA,
    )
    op.create_table(
        "procore_invoices",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("billing_date", sa.Date(), nullable=True),
        sa.Column("procore_created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor", sa.Text(collation="C"), nullable=False),
        sa.Column("invoice_number", sa.Text(collation="C"), nullable=False),
        sa.Column("commitment", sa.Text(collation="C"), nullable=False),
        sa.Column("net_due", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("import_state", sa.String(), nullable=False),
        sa.Column("payment_state", sa.String(), nullable=True),
        sa.Column("drift", sa.String(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("queue_document_id", sa.Uuid(), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "requisition_id", name=op.f("pk_procore_invoices")),
        schema=SCHEMA,
    )
    for name, columns, condition in GRID_INDEXES:
        op.create_index(
            f"ix_procore_invoices_{name}",
            "procore_invoices",
            ["vault_id", *columns],
            schema=SCHEMA,
            postgresql_where=sa.text(condition) if condition else None,
        )
    op.create_table(
        "projects",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "project_id", name=op.f("pk_projects")),
        schema=SCHEMA,
    )
    op.create_table(
        "requests",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("requisition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "id", name=op.f("pk_requests")),
        schema=SCHEMA,
    )
    op.create_index("ix_requests_list", "requests", ["vault_id", "received_at", "id"], schema=SCHEMA)
    op.create_index("ix_requests_requisition", "requests", ["vault_id", "requisition_id"], schema=SCHEMA)
    op.create_table(
        "runs",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "id", name=op.f("pk_runs")),
        schema=SCHEMA,
    )
    op.create_index("ix_runs_list", "runs", ["vault_id", "job", "started_at", "id"], schema=SCHEMA)
    op.create_table(
        "snapshot_progress",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("problem", JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot_progress")),
        schema=SCHEMA,
    )
    op.create_table(
        "tickets",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
        schema=SCHEMA,
    )
    op.create_index("ix_tickets_expires_at", "tickets", ["expires_at"], schema=SCHEMA)
    op.create_table(
        "vault_problems",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("problems", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "service", name=op.f("pk_vault_problems")),
        schema=SCHEMA,
    )
    op.create_table(
        "vaults",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", JSONB(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vaults")),
        schema=SCHEMA,
    )
    op.create_table(
        "vendor_codes",
        sa.Column("vault_id", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("vault_id", "vendor_id", name=op.f("pk_vendor_codes")),
        schema=SCHEMA,
    )
    op.create_index("ix_vaults_company_id", "vaults", ["company_id"], schema=SCHEMA)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name, schema=SCHEMA)
    drop_core_tables(op)
