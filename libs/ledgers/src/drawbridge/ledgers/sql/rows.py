"""The rows that a preset's SELECTs return, read strictly: a ledger's surprise is refused, not guessed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.facts import Bill, PaymentMethod, PaymentState

_METHODS: Mapping[str, PaymentMethod] = {
    "check": "check",
    "credit_card": "credit_card",
    "electronic": "electronic",
}
_STATES: Mapping[str, PaymentState] = {"posted": "posted", "unposted": "unposted", "voided": "voided"}


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

    @property
    def reverses(self) -> bool:
        """Whether the row takes something back."""
        return min(self.cash, self.discount, self.credit) < 0


def payment_row(row: Mapping[str, Any], zone: ZoneInfo) -> PaymentRow:
    """Read one row of ``payment_rows``; raises `Refused` (``ledger_row``) for a value that fits nothing."""
    try:
        return PaymentRow(
            payment_id=_required(row["payment_id"]),
            number=_text(row["number"]),
            date=_day(row["date"]),
            method=_one_of(row["method"], _METHODS),
            bank_account=_text(row["bank_account"]),
            state=_one_of(row["state"], _STATES),
            vendor_code=_required(row["vendor_code"]),
            payee=_text(row["payee"]),
            joint_payee=_text(row["joint_payee"]),
            changed_at=_moment(row["changed_at"], zone),
            bill_id=_required(row["bill_id"]),
            cash=_amount(row["cash"]),
            discount=_amount(row["discount"]),
            credit=_amount(row["credit"]),
            reversal_key=_text(row["reversal_key"]),
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise _refused("payment", row.get("payment_id"), error) from error


def bill(row: Mapping[str, Any], currency: str) -> Bill:
    """Read one row of ``bills``; raises `Refused` (``ledger_row``) for a value that fits nothing."""
    try:
        return Bill(
            id=_required(row["id"]),
            vendor_code=_required(row["vendor_code"]),
            invoice_number=_text(row["invoice_number"]) or "",
            total=_amount(row["total"]),
            paid=_amount(row["paid"]),
            balance=_amount(row["balance"]),
            retainage=_amount(row["retainage"]),
            voided=bool(row["voided"]),
            currency=currency,
            date=None if row["date"] is None else _day(row["date"]),
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise _refused("bill", row.get("id"), error) from error


def _refused(kind: str, row_id: object, error: Exception) -> Refused:
    return Refused(
        "ledger_row",
        f"The {kind} {row_id!r} in the ledger cannot be read: {error}.",
        "Correct it in the ledger, or the column in the ledger's preset.",
    )


def _text(value: object) -> str | None:
    """Fixed-width columns pad with blanks; a blank text is no text."""
    return (str(value).strip() or None) if value is not None else None


def _required(value: object) -> str:
    text = _text(value)
    if text is None:
        raise ValueError("an id or a vendor code is empty")
    return text


def _amount(value: object) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError(f"{value} is no amount")
    return amount


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError(f"{value!r} is no date")


def _moment(value: object, zone: ZoneInfo) -> datetime | None:
    """A stamp without a zone is the ledger's local time; one without a time is the start of its day."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.combine(_day(value), time.min)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _one_of[T](value: object, choices: Mapping[str, T]) -> T:
    if str(value) not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    return choices[str(value)]
