"""How Procore writes values: decimal strings, UTC timestamps, ids beyond 32 bits."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

type Record = dict[str, Any]
"""One JSON object as Procore sends it."""

CENT = Decimal("0.01")
FIRST_ID = 562_949_953_421_312
"""2^49: every id of the double is larger, so that 32-bit columns fail at once."""

_KINDS = (
    "project",
    "vendor",
    "commitment",
    "period",
    "line",
    "requisition",
    "item",
    "payment",
    "change_order",
    "code",
    "tax_code",
    "user",
    "hook",
    "trigger",
    "webhook_event",
)


class Ids:
    """Gives out ids, one number range per kind of record, the same for the same order of calls."""

    def __init__(self) -> None:
        self._used = dict.fromkeys(_KINDS, 0)

    def next(self, kind: str) -> int:
        """The next free id of ``kind``; raises KeyError for a kind that does not exist."""
        self._used[kind] += 1
        return FIRST_ID + (_KINDS.index(kind) + 1) * 1_000_000 + self._used[kind]


def decimal_text(value: Decimal) -> str:
    """A decimal as Procore prints it: no exponent, no trailing zeros, at least one decimal ("1000.0")."""
    text = f"{value.normalize():f}"
    return text if "." in text else f"{text}.0"


def cents(value: Decimal) -> Decimal:
    """Round half up to the cent."""
    return value.quantize(CENT, ROUND_HALF_UP)


def percent_text(part: Decimal, whole: Decimal) -> str:
    """A share as Procore prints it ("96.36%"), "0" where there is nothing to divide by."""
    return f"{cents(part * 100 / whole)}%" if whole else "0"


def stamp(moment: datetime) -> str:
    """An ISO-8601 UTC timestamp with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_date(value: object) -> str | None:
    """A date as text, or None where it cannot be read: Procore stores unreadable dates as null."""
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        return None


def read_decimal(value: object) -> Decimal | None:
    """A finite decimal from text or a bare number, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
