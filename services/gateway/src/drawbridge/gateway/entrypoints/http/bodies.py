"""What request bodies are made of: exactly the members and JSON types that the document shows.

Nothing is converted silently: a number is no text, ``"true"`` is no truth, and a member that is spelled wrong
is refused instead of ignored.
"""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from drawbridge.contracts.values import written


class Body(BaseModel):
    """Base of all request bodies."""

    model_config = ConfigDict(extra="forbid", strict=True)


type Id = Annotated[UUID, Strict(strict=False)]
type Moment = Annotated[AwareDatetime, Strict(strict=False), BeforeValidator(written)]
"""JSON has texts for these, so they are read from text even where nothing else is converted."""


def _nothing() -> Any:  # noqa: ANN401  # stands for every type
    return None


UNNAMED: Any = Field(default_factory=_nothing)
"""The default of a member that may be left out, but not be null; who reads it takes only what was set."""
