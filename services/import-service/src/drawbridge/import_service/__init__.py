"""Reads Procore invoices; owns queue documents and AP invoices."""
