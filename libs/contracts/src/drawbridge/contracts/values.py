"""Small values that many messages share: ids, times, money, who did what."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def written(value: object) -> object:
    """A day or an instant that is given as one or as text, and not as a number of seconds.

    Raises:
        ValueError: for a number, also for one that is written as text.
    """
    if isinstance(value, int | float) or (isinstance(value, str) and _DAY.match(value) is None):
        raise ValueError("write it as in 2026-03-31 or 2026-03-31T14:05:09Z")
    return value


VaultId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A vault's id: lower-case letters, digits and dashes."""

ProcoreId = Annotated[int, Field(ge=1, lt=2**63)]
"""An id of Procore's v1 API: up to 63 bits, never 32."""


def whole(value: object) -> object:
    """JSON knows one kind of number: 1.0 is the integer 1, too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


GivenId = Annotated[int, Strict(), Field(ge=1, lt=2**63), BeforeValidator(whole)]
"""A `ProcoreId` that somebody writes: no text and no truth value that could be read as one."""

Timestamp = AwareDatetime
"""An instant with a time zone; we always send UTC."""

Day = Annotated[date, Strict(strict=False), BeforeValidator(written)]
"""A day without a time."""

Amount = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str)]
"""Money in the document's currency, at most four decimals (product: numeric(20,4)); a string in JSON."""

Quantity = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str)]
"""A quantity, unit price or rate, at most eight decimals (product: numeric(24,8)); a string in JSON."""

SubjectVersion = Annotated[int, Field(ge=1)]
"""epoch·2⁴⁰ + n, raised in the owner's transaction with every change of the subject."""

EPOCH_SIZE = 2**40

How = Literal["manual", "automated", "reprocess"]
"""How an import was asked for: by a person, by the vault's automation, by a reprocess request."""


class Value(BaseModel):
    """Base of nested values: immutable, strict when sending, tolerant when reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(Value):
    """One line of a subject's history: what happened, by whom, when, and why.

    ``what`` is a stable snake-case verb (``imported``, ``seen_in_procore``, ``payment_written`` …).
    """

    what: str
    at: Timestamp
    by: str = "drawbridge"
    detail: str = ""


class Waiting(Value):
    """A limit or an outage that must pass first; ``reason`` is a stable code, ``until`` is UTC."""

    reason: str
    until: Timestamp


def version_after(current: int | None, epoch: int) -> int:
    """The next subject version: one higher, and at least the first of the running epoch."""
    return max((current or 0) + 1, epoch * EPOCH_SIZE + 1)


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of the moments that are known, if any is."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else None
