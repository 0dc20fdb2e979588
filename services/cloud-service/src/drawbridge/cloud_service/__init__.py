"""Automated import and reprocess requests."""
