from drawbridge.gateway.store import caller_tables, event_tables, identity_tables
from drawbridge.gateway.store.tables import SCHEMA, metadata
from drawbridge.persistence import run_environment

TABLES = (caller_tables, event_tables, identity_tables)
"""Imported so that their tables are in the metadata."""

run_environment(metadata, SCHEMA)
