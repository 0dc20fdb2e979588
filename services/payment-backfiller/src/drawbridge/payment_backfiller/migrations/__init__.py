"""Migrations of the schema ``payments``."""
