"""A sample ledger shaped like Sage 100 Contractor, and the clerk who keeps it."""

from drawbridge.sandbox.ledger.bills import list_bills, post_bill
from drawbridge.sandbox.ledger.books import Books
from drawbridge.sandbox.ledger.checks import list_payments, void_check, write_check
from drawbridge.sandbox.ledger.clerk import create_clerk
from drawbridge.sandbox.ledger.tables import create_tables

__all__ = [
    "Books",
    "create_clerk",
    "create_tables",
    "list_bills",
    "list_payments",
    "post_bill",
    "void_check",
    "write_check",
]
