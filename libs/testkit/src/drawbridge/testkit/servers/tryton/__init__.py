"""A Tryton for the tests, in an environment of its own that ``make test-tryton`` fills.

It keeps its books in SQLite. Nothing of it is imported here: it runs as a process, and is spoken to over its
own JSON-RPC.
"""

from drawbridge.testkit.servers.tryton.instance import TrytonInstance
from drawbridge.testkit.servers.tryton.programs import PASSWORD, USER, fresh_books

__all__ = ["PASSWORD", "USER", "TrytonInstance", "fresh_books"]
