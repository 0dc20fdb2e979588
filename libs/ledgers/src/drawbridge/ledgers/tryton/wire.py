"""Values as Tryton's JSON-RPC writes them: decimals, dates and times are objects with a ``__class__``."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_DAY = ("year", "month", "day")
_MOMENT = (*_DAY, "hour", "minute", "second", "microsecond")


def encode(value: object) -> str:
    """The JSON text of a call."""
    return json.dumps(value, default=_written, separators=(",", ":"))


def decode(text: str | bytes) -> Any:  # noqa: ANN401  whatever was called decides
    """The value of an answer.

    Raises:
        ValueError: when it is no JSON, or a value in it is none.
    """
    try:
        return json.loads(text, object_hook=_read)
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("a value has the wrong shape") from error


def _written(value: object) -> dict[str, object]:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        return {"__class__": "datetime", **{part: getattr(value, part) for part in _MOMENT}}
    if isinstance(value, date):
        return {"__class__": "date", **{part: getattr(value, part) for part in _DAY}}
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _read(value: Mapping[str, Any]) -> object:
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "datetime":
            return datetime(*(value[part] for part in _MOMENT))  # noqa: DTZ001  the ledger's own time, as it is stored
        case "date":
            return date(*(value[part] for part in _DAY))
        case _:
            return value
