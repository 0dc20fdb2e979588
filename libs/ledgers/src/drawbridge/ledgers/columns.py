"""One column of a ledger's rows, read strictly: a ledger's surprise is refused, not guessed at.

What holds for all values of a column is asked once, and a value that is there many times is read once.
Everything here raises `ValueError`, or `ArithmeticError` for an amount, where a value fits nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from drawbridge.ledgers.table import Raw, Table, column_of
from drawbridge.ledgers.texts import text_of, unstorable

_FOUR_PLACES = Decimal("0.0001")

_REPEATED: frozenset[type] = frozenset({str, int, date, datetime})
"""Kinds of values that a column repeats, and that are equal only where they mean the same."""


def texts(rows: Sequence[Raw], name: str) -> list[str | None]:
    """Texts that can be stored."""
    found = keys(rows, name)
    _refuse_unstorable(found, name)
    return found


def keys(rows: Sequence[Raw], name: str) -> list[str | None]:
    """Texts that are only compared, whatever they hold."""
    return _stripped(column_of(rows, name))


def ids(rows: Sequence[Raw], name: str) -> list[str]:
    """Texts that are there, and are looked up in the ledger: a number would be found by no key."""
    found = [each for each in texts(rows, name) if each is not None]
    if len(found) < len(rows):
        raise ValueError(f"{name} is empty")
    if not all(issubclass(kind, str) for kind in _kinds(column_of(rows, name))):
        raise ValueError(f"{name} is no text (CAST it in the preset)")
    return found


def currencies(rows: Sequence[Raw], default: str) -> list[str]:
    """The one column that a ledger may leave out, or leave empty."""
    values: Sequence[Any]
    if isinstance(rows, Table):
        values = rows.columns.get("currency") or [None] * len(rows)
    else:
        values = [row.get("currency") for row in rows]
    found = _stripped(values)
    _refuse_unstorable(found, "currency")
    return [each or default for each in found]


def amounts(rows: Sequence[Raw], name: str) -> list[Decimal]:
    """Floating-point columns are rounded to four places: what lies beyond is not money."""
    values = column_of(rows, name)
    if _kinds(values) == {str}:
        known = {value: Decimal(value) for value in set(values)}
        if all(map(Decimal.is_finite, known.values())):
            return [known[value] for value in values]
    return each_once(rows, name, _amount)


def days(rows: Sequence[Raw], name: str) -> list[date]:
    """Dates; of a stamp, its day."""
    return each_once(rows, name, _day)


def optional_days(rows: Sequence[Raw], name: str) -> list[date | None]:
    """Dates, where there are any."""
    return each_once(rows, name, lambda value, _: None if value is None else _day(value, name))


def moments(rows: Sequence[Raw], name: str, zone: ZoneInfo) -> list[datetime | None]:
    """Stamps, as `moment` reads them."""
    return each_once(rows, name, lambda value, _: moment(value, zone))


def choices[T](rows: Sequence[Raw], name: str, known: Mapping[str, T]) -> list[T]:
    """What each of a few words stands for."""

    def chosen(value: object, _: str) -> T:
        if str(value) not in known:
            raise ValueError(f"{name} {value!r} is none of {', '.join(known)}")
        return known[str(value)]

    return each_once(rows, name, chosen)


def flags(rows: Sequence[Raw], name: str) -> list[bool]:
    """0 and 1, as most databases have them."""
    return each_once(rows, name, _flag)


def moment(value: object, zone: ZoneInfo) -> datetime | None:
    """A stamp without a zone is the ledger's local time; one without a time is the start of its day.

    Raises:
        ValueError: for anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _moment_of(value, zone)
    return _in_utc(
        value if isinstance(value, datetime) else datetime.combine(_day(value, "changed_at"), time.min), zone
    )


@lru_cache(maxsize=10_000)
def _moment_of(text: str, zone: ZoneInfo) -> datetime:
    """The stamps of a batch are asked for twice: for its facts, and for the cursor."""
    return _in_utc(_parsed(text, "changed_at"), zone)


def _in_utc(found: datetime, zone: ZoneInfo) -> datetime:
    if found.tzinfo:
        return found.astimezone(UTC)
    # `replace` and `astimezone` say the same in six times the time.
    return datetime.combine(found, found.time(), UTC) - (zone.utcoffset(found) or timedelta())


def each_once[T](rows: Sequence[Raw], name: str, read: Callable[[Any, str], T]) -> list[T]:
    """Read one value of each row; ``read`` takes a value and the column's name for its complaint."""
    values = column_of(rows, name)
    kinds = _kinds(values)
    if len(kinds) > 1 or not kinds <= _REPEATED:
        return [read(value, name) for value in values]
    known = {value: read(value, name) for value in set(values)}
    return [known[value] for value in values]


def _kinds(values: Sequence[object]) -> set[type]:
    return {*map(type, values)} - {NoneType}


def _stripped(values: Sequence[Any]) -> list[str | None]:
    if _kinds(values) <= {str}:
        return [(each.strip() or None) if each else None for each in values]
    return [text_of(each) for each in values]


def _refuse_unstorable(found: Sequence[str | None], name: str) -> None:
    character = unstorable("".join(filter(None, found)))
    if character is not None:
        raise ValueError(f"{name} holds the character {character!a}, which cannot be stored")


def _amount(value: object, column: str) -> Decimal:
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    if not amount.is_finite():
        raise ValueError(f"{column} {value!r} is no amount")
    return amount.quantize(_FOUR_PLACES).normalize() + 0 if isinstance(value, float) else amount


def _day(value: object, column: str) -> date:
    if isinstance(value, str):
        return _parsed(value, column).date()
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError(f"{column} {value!r} is no date")


def _parsed(value: str, column: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{column} {value!r} is no date like 2026-03-31") from None


def _flag(value: object, column: str) -> bool:
    if value not in (0, 1):
        raise ValueError(f"{column} {value!r} is neither 0 nor 1")
    return bool(value)
