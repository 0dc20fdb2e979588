"""Alembic migrations of the schema cloud."""
