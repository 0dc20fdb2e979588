"""Tryton, read over JSON-RPC."""
