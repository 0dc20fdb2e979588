"""The rows that a preset's SELECTs return, read strictly: a ledger's surprise is refused, not guessed at."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.facts import Bill, PaymentMethod, PaymentState, Unreadable

_METHODS: Mapping[str, PaymentMethod] = {
    "check": "check",
    "credit_card": "credit_card",
    "electronic": "electronic",
}
_STATES: Mapping[str, PaymentState] = {"posted": "posted", "unposted": "unposted", "voided": "voided"}

_FOUR_PLACES = Decimal("0.0001")


class UnreadableRow(Exception):  # an outcome that the caller turns into a report
    """A row has a value that fits nothing; the text says which."""


@dataclass(frozen=True, slots=True)
class PaymentRow:
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
        return min(self.cash, self.discount, self.credit) < 0


PAYMENT_COLUMNS = frozenset(field.name for field in fields(PaymentRow)) - {"currency"}
"""What ``payment_rows`` must return; ``currency`` may come too, and so in ``bills``."""

BILL_COLUMNS = frozenset(field.name for field in fields(Bill)) - {"currency"}
"""What ``bills`` must return."""


def payment_row(row: Mapping[str, Any], zone: ZoneInfo, currency: str) -> PaymentRow:
    """Read one row of ``payment_rows``; raises `UnreadableRow` for a value that fits nothing."""
    try:
        return PaymentRow(
            payment_id=_required(row["payment_id"], "payment_id"),
            number=text_of(row["number"]),
            date=_day(row["date"], "date"),
            method=_one_of(row["method"], _METHODS, "method"),
            bank_account=text_of(row["bank_account"]),
            state=_one_of(row["state"], _STATES, "state"),
            vendor_code=_required(row["vendor_code"], "vendor_code"),
            payee=text_of(row["payee"]),
            joint_payee=text_of(row["joint_payee"]),
            changed_at=moment(row["changed_at"], zone),
            bill_id=_required(row["bill_id"], "bill_id"),
            cash=_amount(row["cash"], "cash"),
            discount=_amount(row["discount"], "discount"),
            credit=_amount(row["credit"], "credit"),
            reversal_key=text_of(row["reversal_key"]),
            currency=text_of(row.get("currency")) or currency,
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableRow(_reason(error)) from error


def bill(row: Mapping[str, Any], currency: str) -> Bill:
    """Read one row of ``bills``; raises `UnreadableRow` for a value that fits nothing."""
    try:
        return Bill(
            id=_required(row["id"], "id"),
            vendor_code=_required(row["vendor_code"], "vendor_code"),
            invoice_number=text_of(row["invoice_number"]) or "",
            total=_amount(row["total"], "total"),
            paid=_amount(row["paid"], "paid"),
            balance=_amount(row["balance"], "balance"),
            retainage=_amount(row["retainage"], "retainage"),
            voided=_flag(row["voided"], "voided"),
            currency=text_of(row.get("currency")) or currency,
            date=None if row["date"] is None else _day(row["date"], "date"),
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
    amount = Decimal(str(value))
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
        value = _parsed(value, "changed_at")
    found = value if isinstance(value, datetime) else datetime.combine(_day(value, "changed_at"), time.min)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _parsed(value: str, column: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{column} {value!r} is no date like 2026-03-31") from None


def _one_of[T](value: object, choices: Mapping[str, T], column: str) -> T:
    if str(value) not in choices:
        raise ValueError(f"{column} {value!r} is none of {', '.join(choices)}")
    return choices[str(value)]


def _flag(value: object, column: str) -> bool:
    if value not in (0, 1):
        raise ValueError(f"{column} {value!r} is neither 0 nor 1")
    return bool(value)
