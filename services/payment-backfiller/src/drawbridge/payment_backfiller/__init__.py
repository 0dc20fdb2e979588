"""Brings ledger payments back to Procore commitments."""
