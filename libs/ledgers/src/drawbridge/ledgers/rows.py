"""The rows that a preset's SELECTs return, read column by column."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers import columns
from drawbridge.ledgers.facts import Bill, PaymentMethod, PaymentState, Unreadable
from drawbridge.ledgers.table import Raw

_METHODS: Mapping[str, PaymentMethod] = {
    "check": "check",
    "credit_card": "credit_card",
    "electronic": "electronic",
}
_STATES: Mapping[str, PaymentState] = {"posted": "posted", "unposted": "unposted", "voided": "voided"}


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


class PaymentColumns(NamedTuple):
    """Rows of ``payment_rows`` that stay columns: the fields of `PaymentRow`, in the same order."""

    payment_id: Sequence[str]
    number: Sequence[str | None]
    date: Sequence[date]
    method: Sequence[PaymentMethod]
    bank_account: Sequence[str | None]
    state: Sequence[PaymentState]
    vendor_code: Sequence[str]
    payee: Sequence[str | None]
    joint_payee: Sequence[str | None]
    changed_at: Sequence[datetime | None]
    bill_id: Sequence[str]
    cash: Sequence[Decimal]
    discount: Sequence[Decimal]
    credit: Sequence[Decimal]
    reversal_key: Sequence[str | None]
    currency: Sequence[str]

    @property
    def rows(self) -> list[PaymentRow]:
        """Row by row."""
        return list(map(PaymentRow, *self))


PAYMENT_COLUMNS = frozenset(PaymentRow._fields) - {"currency"}
"""What ``payment_rows`` must return; ``currency`` may come too, and so in ``bills``."""

BILL_COLUMNS = frozenset(Bill._fields) - {"currency"}
"""What ``bills`` must return."""


def payment_columns(rows: Sequence[Raw], zone: ZoneInfo, currency: str) -> PaymentColumns:
    """Read rows of ``payment_rows``; ``currency`` is that of rows that name none.

    Raises:
        UnreadableRow: if a value of one of them fits nothing; read them one by one to learn which.
    """
    try:
        return PaymentColumns(
            payment_id=columns.ids(rows, "payment_id"),
            number=columns.texts(rows, "number"),
            date=columns.days(rows, "date"),
            method=columns.choices(rows, "method", _METHODS),
            bank_account=columns.texts(rows, "bank_account"),
            state=columns.choices(rows, "state", _STATES),
            vendor_code=columns.ids(rows, "vendor_code"),
            payee=columns.texts(rows, "payee"),
            joint_payee=columns.texts(rows, "joint_payee"),
            changed_at=columns.moments(rows, "changed_at", zone),
            bill_id=columns.ids(rows, "bill_id"),
            cash=columns.amounts(rows, "cash"),
            discount=columns.amounts(rows, "discount"),
            credit=columns.amounts(rows, "credit"),
            reversal_key=columns.keys(rows, "reversal_key"),
            currency=columns.currencies(rows, currency),
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableRow(_reason(error)) from error


def payment_rows(rows: Sequence[Raw], zone: ZoneInfo, currency: str) -> list[PaymentRow]:
    """Read rows as `payment_columns` does."""
    return payment_columns(rows, zone, currency).rows


def bills(rows: Sequence[Raw], currency: str) -> list[Bill]:
    """Read rows of ``bills``, as `payment_columns` does those of ``payment_rows``."""
    try:
        return list(
            map(
                Bill,
                columns.ids(rows, "id"),
                columns.ids(rows, "vendor_code"),
                [number or "" for number in columns.texts(rows, "invoice_number")],
                columns.amounts(rows, "total"),
                columns.amounts(rows, "paid"),
                columns.amounts(rows, "balance"),
                columns.amounts(rows, "retainage"),
                columns.flags(rows, "voided"),
                columns.currencies(rows, currency),
                columns.optional_days(rows, "date"),
            )
        )
    except (ValueError, ArithmeticError) as error:
        raise UnreadableRow(_reason(error)) from error


def refused(row: Unreadable) -> Refused:
    """The refusal of somebody who needs a complete answer."""
    return Refused("ledger_row", str(row), "Correct it in the ledger, or the column in the ledger's preset.")


def _reason(error: Exception) -> str:
    return "an amount is no number" if isinstance(error, ArithmeticError) else str(error)
