"""Transactions, outbox, inbox, work items and migrations on PostgreSQL."""
