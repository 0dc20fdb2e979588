"""Documents that are stored as JSON, and what PostgreSQL cannot store."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

_NO_TEXT = frozenset({"22021", "22P05"})
"""SQLSTATEs of NUL and of half surrogates, in a text and inside JSON."""


def stored[M: BaseModel](model: type[M], data: dict[str, Any]) -> M:
    """The document as a model; members that a later version has written are ignored."""
    return model.model_validate(data, extra="ignore")


def stored_text[M: BaseModel](model: type[M], data: str) -> M:
    """The same from the text that the database sends: read once, where many rows are read."""
    return model.model_validate_json(data, extra="ignore")


def is_unstorable(error: DBAPIError) -> bool:
    """Whether a text in the request was at fault, which PostgreSQL cannot hold."""
    cause = error.orig.__cause__ if error.orig else None
    encoding = isinstance(cause, UnicodeError) or "surrogates not allowed" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _NO_TEXT or encoding
