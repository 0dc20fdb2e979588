"""The contract payment: a row of a commitment's Payments Issued tab, read and written (v1.0)."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.procore.models.record import Record
from drawbridge.procore.values import Day, Moment, OptionalId, RawAmount, Text

PaymentMethod = Literal["check", "credit_card", "electronic"]
"""The methods that Procore accepts; it never shows the method again."""


class ContractPayment(Record):
    """One payment as Procore shows it; ``payment_method`` and ``invoice_date`` cannot be read back.

    ``status`` and ``external_payment_id`` belong to Procore's own payment product and are never written.
    """

    project_id: OptionalId = None
    contract_id: OptionalId = None
    requisition_id: OptionalId = None
    amount: RawAmount = None
    check_number: Text = None
    date: Day = None
    invoice_number: Text = None
    payment_number: OptionalId = None
    draw_request_number: OptionalId = None
    notes: Text = None
    status: Text = None
    origin_id: Text = None
    origin_code: Text = None
    origin_data: Text = None
    external_payment_id: Text = None
    date_payment_initiated: Moment = None
    date_payment_settled: Moment = None
    created_at: Moment = None
    updated_at: Moment = None


class ContractPaymentChange(BaseModel):
    """What to change on a contract payment: only members that were given are sent, ``None`` clears one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: dt.date | None = None
    amount: Decimal | None = Field(default=None, allow_inf_nan=False)
    check_number: str | None = None
    payment_method: PaymentMethod | None = None
    invoice_number: str | None = None
    invoice_date: dt.date | None = None
    requisition_id: int | None = None
    draw_request_number: int | None = None
    payment_number: int | None = None
    notes: str | None = None
    origin_id: str | None = None
    origin_data: str | None = None

    def body(self) -> dict[str, object]:
        """Return the object to send: ISO 8601 dates (Procore turns others into null), money as plain text."""
        return {name: _written(value) for name, value in self.model_dump(exclude_unset=True).items()}


class ContractPaymentDraft(ContractPaymentChange):
    """A contract payment to create; members left out, or ``None``, are not sent."""

    date: dt.date
    amount: Decimal = Field(allow_inf_nan=False)

    def body(self) -> dict[str, object]:
        """Return the object to send, without the members that are ``None``."""
        return {name: value for name, value in super().body().items() if value is not None}


def _written(value: object) -> object:
    match value:
        case Decimal():
            return format(value, "f")
        case dt.date():
            return value.isoformat()
        case _:
            return value
