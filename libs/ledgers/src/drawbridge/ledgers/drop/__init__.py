"""A ledger that drops CSV or JSON files into a folder."""
