from drawbridge.payment_backfiller.store import fact_tables, write_tables
from drawbridge.payment_backfiller.store.tables import SCHEMA, metadata
from drawbridge.persistence import run_environment

TABLES = (fact_tables, write_tables)
"""Imported so that their tables are in the metadata."""

run_environment(metadata, SCHEMA)
