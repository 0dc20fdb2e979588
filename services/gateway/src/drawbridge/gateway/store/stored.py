"""Documents that are stored as JSON, and what PostgreSQL cannot store."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

_NO_TEXT = frozenset({"22021", "22P05"})
"""SQLSTATEs of NUL and of half surrogates, in a text and inside JSON."""


def stored[M: BaseModel](model: type[M], data: dict[str, Any]) -> M:
    """The document as a model; members that a later version has written are ignored."""
    return model.model_validate(data, extra="ignore")


def is_unstorable(error: Exception) -> bool:
    """Whether a text in the request was at fault, which PostgreSQL cannot hold."""
    told = error.orig if isinstance(error, DBAPIError) and error.orig else error
    encoding = isinstance(told.__cause__, UnicodeError) or "surrogates not allowed" in str(told)
    return getattr(told, "sqlstate", None) in _NO_TEXT or encoding
