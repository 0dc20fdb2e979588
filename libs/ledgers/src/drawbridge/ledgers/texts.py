"""Texts of a ledger: what counts as one, and what PostgreSQL can store of it."""

import re

NO_ID = "(no id)"
"""How something is named that has no identity."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, and one half of a character that UTF-16 writes in two."""


def text_of(value: object) -> str | None:
    """Fixed-width columns pad with blanks; a blank text is no text."""
    return (str(value).strip() or None) if value is not None else None


def unstorable(text: str) -> str | None:
    """The first character that PostgreSQL cannot store, if there is one."""
    if text.isascii() and "\0" not in text:
        return None
    found = _UNSTORABLE.search(text)
    return found.group() if found else None


def storable(text: str) -> str:
    """The text with a replacement character for each one that cannot be stored."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def reported_id(value: object) -> str:
    """The name under which something with this id is reported as unreadable."""
    return storable(text_of(value) or NO_ID)
