"""Reading documents that were stored as JSON."""

from typing import Any

from pydantic import BaseModel


def stored[M: BaseModel](model: type[M], data: dict[str, Any]) -> M:
    """The document as a model; members that a later version has written are ignored."""
    return model.model_validate(data, extra="ignore")
