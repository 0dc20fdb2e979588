"""The rows that a preset's SELECTs return, read strictly: a ledger's surprise is refused, not guessed at."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from types import NoneType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.facts import Bill, PaymentMethod, PaymentState, Unreadable
from drawbridge.ledgers.table import Raw, Table, column_of

_METHODS: Mapping[str, PaymentMethod] = {
    "check": "check",
    "credit_card": "credit_card",
    "electronic": "electronic",
}
_STATES: Mapping[str, PaymentState] = {"posted": "posted", "unposted": "unposted", "voided": "voided"}

_FOUR_PLACES = Decimal("0.0001")

_REPEATED: frozenset[type] = frozenset({str, int, date, datetime})
"""Kinds of values that a column repeats, and that are equal only where they mean the same."""


class UnreadableRow(Exception):  # an outcome that the caller turns into a report
    """A row has a value that fits nothing; the text says which."""


class PaymentRow(NamedTuple):
    """One row of ``payment_rows``; ``changed_at`` is UTC."""

    payment_id: str
    number: str | None
    date: date
    method: PaymentMethod
    bank_account: str | None
    state: PaymentState
    vendor_code: str
    payee: str | None
    joint_payee: str | None
    changed_at: datetime | None
    bill_id: str
    cash: Decimal
    discount: Decimal
    credit: Decimal
    reversal_key: str | None
    currency: str

    @property
    def reverses(self) -> bool:
        """Whether the row takes something back."""
        return self.cash < 0 or self.discount < 0 or self.credit < 0


PAYMENT_COLUMNS = frozenset(PaymentRow._fields) - {"currency"}
"""What ``payment_rows`` must return; ``currency`` may come too, and so in ``bills``."""

BILL_COLUMNS = frozenset(Bill._fields) - {"currency"}
"""What ``bills`` must return."""


def payment_rows(rows: Sequence[Raw], zone: ZoneInfo, currency: str) -> list[PaymentRow]:
    """Read rows of ``payment_rows``, column by column; ``currency`` is that of rows that name none.

    Raises:
        UnreadableRow: if a value of one of them fits nothing; read them one by one to learn which.
    """
    column = partial(_column, rows)
    try:
        return list(
            map(
                PaymentRow,
                column("payment_id", _required),
                column("number", _text),
                column("date", _day),
                column("method", partial(_one_of, _METHODS)),
                column("bank_account", _text),
                column("state", partial(_one_of, _STATES)),
                column("vendor_code", _required),
                column("payee", _text),
                column("joint_payee", _text),
                column("changed_at", lambda value, _: moment(value, zone)),
                column("bill_id", _required),
                column("cash", _amount),
                column("discount", _amount),
                column("credit", _amount),
                column("reversal_key", _text),
                column("currency", lambda value, _: text_of(value) or currency),
            )
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableRow(_reason(error)) from error


def bills(rows: Sequence[Raw], currency: str) -> list[Bill]:
    """Read rows of ``bills``, as `payment_rows` does."""
    column = partial(_column, rows)
    try:
        return list(
            map(
                Bill,
                column("id", _required),
                column("vendor_code", _required),
                column("invoice_number", lambda value, _: text_of(value) or ""),
                column("total", _amount),
                column("paid", _amount),
                column("balance", _amount),
                column("retainage", _amount),
                column("voided", _flag),
                column("currency", lambda value, _: text_of(value) or currency),
                column("date", lambda value, name: None if value is None else _day(value, name)),
            )
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableRow(_reason(error)) from error


def refused(row: Unreadable) -> Refused:
    """The refusal of somebody who needs a complete answer."""
    return Refused("ledger_row", str(row), "Correct it in the ledger, or the column in the ledger's preset.")


def _reason(error: Exception) -> str:
    return "an amount is no number" if isinstance(error, ArithmeticError) else str(error)


def text_of(value: object) -> str | None:
    """Fixed-width columns pad with blanks; a blank text is no text."""
    return (str(value).strip() or None) if value is not None else None


def _column[T](rows: Sequence[Raw], name: str, read: Callable[[object, str], T]) -> list[T]:
    """Read one value of each row; a value that is there many times is read once."""
    values = _currencies(rows) if name == "currency" else column_of(rows, name)
    kinds = {*map(type, values)} - {NoneType}
    if len(kinds) > 1 or not kinds <= _REPEATED:
        return [read(value, name) for value in values]
    known = {value: read(value, name) for value in set(values)}
    return [known[value] for value in values]


def _currencies(rows: Sequence[Raw]) -> Sequence[Any]:
    """The one column that a ledger may leave out."""
    if isinstance(rows, Table):
        return rows.columns.get("currency") or [None] * len(rows)
    return [row.get("currency") for row in rows]


def _text(value: object, _column: str) -> str | None:
    return text_of(value)


def _required(value: object, column: str) -> str:
    """A text that is compared in the ledger: a number would be found by no key."""
    text = text_of(value)
    if text is None:
        raise ValueError(f"{column} is empty")
    if not isinstance(value, str):
        raise ValueError(f"{column} is no text (CAST it in the preset)")  # noqa: TRY004  a ledger's value
    return text


def _amount(value: object, column: str) -> Decimal:
    """Floating-point columns are rounded to four places: what lies beyond is not money."""
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


def moment(value: object, zone: ZoneInfo) -> datetime | None:
    """A stamp without a zone is the ledger's local time; one without a time is the start of its day.

    Raises:
        ValueError: for anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _moment_of(value, zone)
    found = value if isinstance(value, datetime) else datetime.combine(_day(value, "changed_at"), time.min)
    return _in_utc(found, zone)


@lru_cache(maxsize=10_000)
def _moment_of(text: str, zone: ZoneInfo) -> datetime:
    """The stamps of a batch are asked for twice: for its facts, and for the cursor."""
    return _in_utc(_parsed(text, "changed_at"), zone)


def _in_utc(found: datetime, zone: ZoneInfo) -> datetime:
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _parsed(value: str, column: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{column} {value!r} is no date like 2026-03-31") from None


def _one_of[T](choices: Mapping[str, T], value: object, column: str) -> T:
    if str(value) not in choices:
        raise ValueError(f"{column} {value!r} is none of {', '.join(choices)}")
    return choices[str(value)]


def _flag(value: object, column: str) -> bool:
    if value not in (0, 1):
        raise ValueError(f"{column} {value!r} is neither 0 nor 1")
    return bool(value)
