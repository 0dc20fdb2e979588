"""Ledgers that are read with SQL."""
