"""How Procore's JSON values are read: never as float, never so strictly that one value breaks a page.

Procore declares decimal strings but also sends bare numbers, and leaves members out at will (pitfalls of
its API, sections 4 and 15 of its guides). Amounts therefore stay text in the models; `decimal_of` is the
one place that turns them into `Decimal` and the one place that can say no.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from drawbridge.contracts.errors import Refused

_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_DAY_LENGTH = len("2026-01-31")
_LARGEST_ID = 2**63 - 1


class UnreadableAmount(Refused):
    """An amount from Procore that is no number; ``field`` names the member, ``value`` is what stood there."""

    def __init__(self, field: str, value: str | None) -> None:
        shown = "nothing" if value is None else repr(value[:60])
        super().__init__(
            "unreadable_amount",
            f"Procore sent {shown} where {field} should be a number.",
            "Open the invoice in Procore, correct the amount and save it again.",
        )
        self.field = field
        self.value = value


def read_json(body: bytes) -> Any:  # noqa: ANN401  JSON can be anything; the models give it a type
    """Decode a JSON body with every fraction kept as text, so that no amount ever passes through a float.

    Raises:
        ValueError: the body is no JSON.
    """
    try:
        return json.loads(body, parse_float=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("The body is nested too deeply.") from error


def decimal_of(raw: str | None, field: str) -> Decimal:
    """Read one amount, quantity or rate; raises `UnreadableAmount` for anything but a finite number."""
    text = (raw or "").strip()
    if not _DECIMAL.fullmatch(text):
        raise UnreadableAmount(field, raw)
    return Decimal(text)


def decimal_or_none(raw: str | None, field: str) -> Decimal | None:
    """Like `decimal_of`, but an absent or blank value is ``None``: Procore leaves members out by view."""
    return None if raw is None or not raw.strip() else decimal_of(raw, field)


def percent_of(raw: str | None, field: str) -> Decimal | None:
    """Read a percentage that Procore writes as ``"96.36%"`` or ``"0"``; absent or blank is ``None``."""
    return decimal_or_none(None if raw is None else raw.strip().removesuffix("%"), field)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else json.dumps(value, sort_keys=True)


def _whole_number(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST_ID else None


def _flag(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:_DAY_LENGTH]) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _or_none(kind: type) -> Callable[[object], object]:
    return lambda value: value if isinstance(value, kind) else None


Text = Annotated[str | None, BeforeValidator(_text)]
"""Text; a bare number becomes its digits."""

RawAmount = Annotated[str | None, BeforeValidator(_text)]
"""An amount exactly as Procore wrote it; read it with `decimal_of`."""

ProcoreId = Annotated[int, BeforeValidator(_whole_number)]
"""A 64-bit id, from a number or from digits; required."""

OptionalId = Annotated[int | None, BeforeValidator(_whole_number)]
"""A 64-bit id or other whole number; unreadable is ``None``."""

Flag = Annotated[bool | None, BeforeValidator(_flag)]
"""True, false or unknown."""

Day = Annotated[date | None, BeforeValidator(_day)]
"""A calendar date; unreadable is ``None``, the raw record still has it."""

Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A moment in UTC; Procore's own zone is UTC where it names none."""

as_object = BeforeValidator(_or_none(dict))
"""For nested objects: anything that is no object counts as absent."""

as_list = BeforeValidator(_or_none(list))
"""For nested lists: anything that is no list counts as absent."""
